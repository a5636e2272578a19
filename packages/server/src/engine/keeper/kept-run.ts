import {
  advance,
  begin,
  callsOf,
  type RunState,
  type WorkflowDefinition,
} from "@yardmaster/kernel";
import type { Json, RunStatus, WorkError } from "@yardmaster/protocol";
import { createSlices, type Slices } from "../../slices.ts";
import { type Instants, isTaken, type ParentStep, type RunOp } from "../commit/run-op.types.ts";
import type { RunRecord } from "../reading/reading.types.ts";
import { waitsFor } from "../reading/waits-for.ts";
import { traceOfId } from "../trace/run-trace.ts";
import type { StoredRun } from "./keeper.store.ts";

/** A live run in memory: a cache of what is stored, always to be checked by its version. */
export interface KeptRun {
  readonly id: string;
  readonly ref: string;
  readonly packDigest: string | null;
  readonly workflow: WorkflowDefinition;
  readonly keyed: boolean;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly eventId: string | null;
  readonly rule: string | null;
  readonly retryOf: string | null;
  readonly traceparent: string | null;
  readonly parent: ParentStep | null;
  state: RunState;
  version: number;
  instants: Instants;
}

/** Folds a stored run: the same interpreter that decided it decides it again. */
export function fold(id: string, stored: StoredRun, workflow: WorkflowDefinition): KeptRun {
  const folding = stepsOfFold(id, stored, workflow);
  for (;;) {
    const { done, value } = folding.next();
    if (done === true) return value;
  }
}

/** The same of a run that may have ten thousand items: others have the event loop in between. */
export async function foldInSlices(
  id: string,
  stored: StoredRun,
  workflow: WorkflowDefinition,
  slice: Slices = createSlices(),
): Promise<KeptRun> {
  const folding = stepsOfFold(id, stored, workflow);
  for (;;) {
    const { done, value } = folding.next();
    if (done === true) return value;
    const turn = slice();
    if (turn !== undefined) await turn;
  }
}

/** A step for each row of the journal. */
function* stepsOfFold(
  id: string,
  stored: StoredRun,
  workflow: WorkflowDefinition,
): Generator<void, KeptRun> {
  const { ref, createdAt } = stored;
  const facts = { id, ref, created_at: createdAt.toISOString() };
  let { state } = begin(
    workflow,
    stored.input,
    facts,
    createdAt.getTime(),
    stored.reused ?? undefined,
  );
  for (const { events } of stored.advances) {
    // The first row is the birth: it has events only where an instant attempt ended with it.
    if (events.length > 0) state = advance(workflow, state, events).state;
    yield;
  }
  return {
    id,
    ref,
    packDigest: stored.packDigest,
    workflow,
    keyed: usesKeys(workflow),
    createdAt,
    createdBy: stored.createdBy,
    eventId: stored.eventId,
    rule: stored.rule,
    retryOf: stored.retryOf,
    traceparent: stored.traceparent,
    parent: stored.parent,
    state,
    version: stored.version,
    instants: stored.instantBy === null ? [] : undefined,
  };
}

export function usesKeys(workflow: WorkflowDefinition): boolean {
  return queuesOf(workflow).keys;
}

export function usesLanes(workflow: WorkflowDefinition): boolean {
  return queuesOf(workflow).lanes;
}

/** Worked out once for all runs of a workflow. */
function queuesOf(workflow: WorkflowDefinition): {
  readonly keys: boolean;
  readonly lanes: boolean;
} {
  const known = queueUse.get(workflow);
  if (known !== undefined) return known;
  const queues = callsOf(workflow).flatMap(({ queue }) => (queue === undefined ? [] : [queue]));
  const made = { keys: queues.some(({ key }) => key !== undefined), lanes: queues.length > 0 };
  queueUse.set(workflow, made);
  return made;
}

const queueUse = new WeakMap<WorkflowDefinition, { keys: boolean; lanes: boolean }>();

/**
 * The record of a run that has just been born here, without asking the store; undefined where it waits for what only
 * the store knows, such as its place in a lane.
 */
export function bornRecord(run: KeptRun, op: RunOp): RunRecord | undefined {
  if (op.finish !== undefined) return endedRecord(run, op.at);
  const isPlain =
    op.timers.length + op.children.length + op.inquiries.length === 0 && op.dispatch.length > 0;
  if (!isPlain) return undefined;
  if (op.dispatch.some(isTaken)) return record(run, "running", null, null);
  if (op.dispatch.some(({ state, queue }) => state !== "ready" || queue !== "")) return undefined;
  const runners = op.dispatch.map(({ runner }) => runner).sort();
  return record(run, "queued", waitsFor(runners.at(-1) ?? ""), null);
}

/** The record of a run that has just ended here, without asking the store. */
export function endedRecord(run: KeptRun, finishedAt: Date): RunRecord {
  return record(run, run.state.status as RunStatus, null, finishedAt);
}

function record(
  run: KeptRun,
  status: RunStatus,
  reason: string | null,
  finishedAt: Date | null,
): RunRecord {
  return {
    id: run.id,
    ref: run.ref,
    status,
    reason,
    paused_by: null,
    input: run.state.input,
    output: run.state.output ?? (null as Json),
    outputs: finishedAt === null ? {} : run.state.vars,
    error: run.state.error ?? (null as WorkError | null),
    created_at: run.createdAt.toISOString(),
    finished_at: finishedAt?.toISOString() ?? null,
    created_by: run.createdBy,
    event_id: run.eventId,
    rule: run.rule,
    retry_of: run.retryOf,
    parent_id: run.parent?.runId ?? null,
    pack_digest: run.packDigest,
    traceparent: run.traceparent ?? traceOfId(run.id),
  };
}

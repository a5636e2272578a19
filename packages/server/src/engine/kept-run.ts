import { advance, begin, type RunState, type WorkflowDefinition } from "@yardmaster/kernel";
import type { Json, RunStatus, WorkError } from "@yardmaster/protocol";
import type { RunRecord } from "./engine.types.ts";
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
  readonly traceparent: string | null;
  state: RunState;
  version: number;
}

/** Folds a stored run: the same interpreter that decided it decides it again. */
export function fold(id: string, stored: StoredRun, workflow: WorkflowDefinition): KeptRun {
  const facts = { id, ref: stored.ref, created_at: stored.createdAt.toISOString() };
  let { state } = begin(workflow, stored.input, facts, stored.createdAt.getTime());
  // The first row of the journal is the birth: it has decisions, but no events.
  for (const { events } of stored.advances.slice(1)) state = advance(workflow, state, events).state;
  const { advances: _, input: __, ...rest } = stored;
  return { id, ...rest, workflow, keyed: usesKeys(workflow), state };
}

export function usesKeys(workflow: WorkflowDefinition): boolean {
  return workflow.steps.some((step) => step.queue?.key !== undefined);
}

export function usesLanes(workflow: WorkflowDefinition): boolean {
  return workflow.steps.some((step) => step.queue !== undefined);
}

/** The record of a run that has just ended here, without asking the store. */
export function endedRecord(run: KeptRun, finishedAt: Date): RunRecord {
  return {
    id: run.id,
    ref: run.ref,
    status: run.state.status as RunStatus,
    reason: null,
    input: run.state.input,
    output: run.state.output ?? (null as Json),
    error: run.state.error ?? (null as WorkError | null),
    created_at: run.createdAt.toISOString(),
    finished_at: finishedAt.toISOString(),
    created_by: run.createdBy,
    event_id: run.eventId,
    rule: run.rule,
    retry_of: null,
    pack_digest: run.packDigest,
    traceparent: run.traceparent,
  };
}

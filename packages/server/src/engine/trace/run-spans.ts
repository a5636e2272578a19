import {
  type AttemptRecord,
  type SlotState,
  type StepDefinition,
  type StepState,
  slotKey,
  undoKey,
} from "@yardmaster/kernel";
import type { KeptRun } from "../keeper/kept-run.ts";
import { spanOfAttempt, spanOfId, traceOfId } from "./run-trace.ts";
import { placeInTrace, type Span, spanTimes } from "./span.ts";

/**
 * The spans of an ended run: its own, and one for each of its attempts; none where its trace is not sampled. All of it
 * is in the fold of the journal. `nodes`: names by session. No input, output or message is in them: those stay here.
 */
export function runSpans(run: KeptRun, endedAt: Date, nodes: ReadonlyMap<string, string>): Span[] {
  const own = runSpan(run, endedAt);
  if (own === undefined) return [];
  const spans = [own];
  for (const { step, slot, key, openedAt } of slotsOf(run)) {
    let readyAt = openedAt;
    for (const attempt of slot.attempts) {
      spans.push(attemptSpan(own, { run, step, slot: key, attempt, readyAt, nodes }));
      readyAt = attempt.endedAt;
    }
  }
  return spans;
}

/** Sessions that had attempts which only nodes carry out. */
export function nodeSessionsOf(run: KeptRun): string[] {
  const sessions = new Set<string>();
  for (const { slot } of slotsOf(run))
    if (slot.target !== undefined)
      for (const { worker } of slot.attempts) if (worker !== undefined) sessions.add(worker);
  return [...sessions];
}

function runSpan(run: KeptRun, endedAt: Date): Span | undefined {
  const { id, ref, eventId, parent, state } = run;
  const place = placeInTrace(run.traceparent ?? traceOfId(id), spanOfId(id), parentOf(run));
  if (place === undefined) return undefined;
  return {
    ...place,
    name: ref,
    kind: "internal",
    ...spanTimes(run.createdAt.getTime(), endedAt.getTime()),
    isError: isBad(state.status),
    attributes: {
      "yard.run.id": id,
      "yard.ref": ref,
      "yard.status": state.status,
      "error.type": state.error?.code,
      "yard.created_by": run.createdBy,
      "yard.rule": run.rule ?? undefined,
      "yard.event.id": eventId ?? undefined,
      "yard.retry_of": run.retryOf ?? undefined,
      "yard.parent_run.id": parent?.runId,
      "yard.pack.digest": run.packDigest ?? undefined,
    },
  };
}

/** The attempt that it is, the event that it came of, or (undefined) whoever sent the trace. */
function parentOf({ parent, eventId }: KeptRun): string | undefined {
  if (parent !== null) return spanOfAttempt(parent.runId, parent.slot, parent.number);
  return eventId === null ? undefined : spanOfId(eventId);
}

interface Attempt {
  readonly run: KeptRun;
  readonly step: StepDefinition;
  readonly slot: string;
  readonly attempt: AttemptRecord;
  /** Since when nothing but its turn was missing; unknown for an undo. */
  readonly readyAt: number | undefined;
  readonly nodes: ReadonlyMap<string, string>;
}

function attemptSpan(own: Span, { run, step, slot, attempt, readyAt, nodes }: Attempt): Span {
  const { number, status, startedAt, endedAt, worker, error } = attempt;
  const isWaitKnown = startedAt !== undefined && readyAt !== undefined;
  return {
    traceId: own.traceId,
    spanId: spanOfAttempt(run.id, slot, number),
    parentId: own.spanId,
    name: step.id,
    kind: "internal",
    ...spanTimes(startedAt, endedAt),
    isError: isBad(status),
    attributes: {
      "yard.run.id": run.id,
      "yard.step": step.id,
      "yard.slot": slot,
      "yard.attempt": number,
      "yard.action": step.action.ref,
      "yard.runner": step.action.runner.kind,
      "yard.status": status,
      "error.type": error?.code ?? (status === "lost" ? "lost" : undefined),
      "yard.queue": step.queue?.name,
      "yard.queue_wait_ms": isWaitKnown ? Math.max(0, startedAt - readyAt) : undefined,
      "yard.worker": worker,
      "yard.node": nodes.get(worker ?? ""),
      "yard.child_run.id": attempt.run,
    },
  };
}

interface PlacedSlot {
  readonly step: StepDefinition;
  readonly slot: SlotState;
  readonly key: string;
  readonly openedAt: number | undefined;
}

function* slotsOf({ workflow, state }: KeptRun): Generator<PlacedSlot> {
  const lists = [workflow.steps, workflow.onFailure ?? [], workflow.finally ?? []];
  for (const step of lists.flat()) {
    const own = state.steps[step.id];
    if (own !== undefined) yield* slotsOfStep(step, own);
  }
}

function* slotsOfStep(
  step: StepDefinition,
  { slots, startedAt }: StepState,
): Generator<PlacedSlot> {
  for (const [index, slot] of slots.entries()) {
    const key = slotKey(step, index);
    yield { step, slot, key, openedAt: startedAt };
    const { undo } = slot;
    if (undo !== undefined && step.undo !== undefined)
      yield { step: step.undo, slot: undo, key: undoKey(key), openedAt: undefined };
  }
}

function isBad(status: string | undefined): boolean {
  return status === "failed" || status === "timed_out" || status === "lost";
}

import { createHash } from "node:crypto";
import type { Advanced, Effect, RunEvent } from "@yardmaster/kernel";
import { describeEffect } from "@yardmaster/kernel";
import type { Change } from "./engine.types.ts";

/** One advance of one run as rows: everything that commits together, guarded by the version it was decided on. */
export interface RunOp {
  readonly opId: string;
  readonly runId: string;
  /** Version of the run that the decision was taken on; 0 creates it. */
  readonly expected: number;
  readonly create?: RunBirth;
  readonly canceling: boolean;
  /** Whether the workflow uses keyed queues: its end leaves their lines. */
  readonly keyed: boolean;
  readonly events: string;
  readonly decisions: string;
  readonly changes: string;
  readonly finish?: {
    readonly status: string;
    readonly output: string | null;
    readonly error: string | null;
  };
  readonly at: Date;
  readonly ended: readonly EndedAttempt[];
  readonly firedTimers: readonly SlotNumber[];
  readonly dispatch: readonly DispatchRow[];
  readonly timers: readonly (SlotNumber & { readonly delayMs: number })[];
  readonly stops: readonly SlotNumber[];
}

export interface RunBirth {
  readonly ref: string;
  readonly packDigest: string | null;
  readonly input: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly eventId: string | null;
  readonly rule: string | null;
  readonly traceparent: string | null;
}

export interface SlotNumber {
  readonly slot: string;
  readonly number: number;
}

export interface EndedAttempt extends SlotNumber {
  readonly status: string;
  readonly startedAt: Date | null;
  readonly errorCode: string | null;
  readonly worker: string | null;
}

export type Placement = "leased" | "ready" | "delayed";

export interface DispatchRow extends SlotNumber {
  readonly state: Placement;
  readonly runner: string;
  readonly ref: string;
  readonly input: string;
  readonly queue: string;
  readonly key: string | null;
  readonly priority: number;
  readonly delayMs: number;
}

/** Where an attempt goes: `reserve` answers whether this process's worker takes it at once. */
export type Reserve = (runner: "core" | "process") => boolean;

export interface OpFrame {
  readonly opId: string;
  readonly runId: string;
  readonly expected: number;
  readonly create?: RunBirth;
  readonly keyed: boolean;
  readonly at: Date;
}

/** Turns what the interpreter decided into rows. */
export function runOp(
  frame: OpFrame,
  events: readonly RunEvent[],
  advanced: Advanced,
  reserve: Reserve,
): RunOp {
  const dispatch: DispatchRow[] = [];
  const timers: (SlotNumber & { delayMs: number })[] = [];
  const stops: SlotNumber[] = [];
  let finish: RunOp["finish"];
  for (const effect of advanced.effects) {
    switch (effect.type) {
      case "dispatch":
        dispatch.push(dispatchRow(effect, reserve));
        break;
      case "start_timer":
        timers.push({ slot: effect.slot, number: effect.number, delayMs: effect.delayMs });
        break;
      case "stop":
        stops.push({ slot: effect.slot, number: effect.number });
        break;
      case "finish":
        finish = {
          status: effect.status,
          output: effect.output === undefined ? null : JSON.stringify(effect.output),
          error: effect.error === undefined ? null : JSON.stringify(effect.error),
        };
    }
  }
  return {
    ...frame,
    canceling: advanced.state.phase === "canceling",
    events: JSON.stringify(events),
    decisions: JSON.stringify(advanced.effects.map(describeEffect)),
    changes: changesOf(frame, events, dispatch, finish),
    ...(finish === undefined ? {} : { finish }),
    ended: events.flatMap(endedAttempt),
    firedTimers: events.flatMap((event) =>
      event.type === "timer_due" ? [{ slot: event.slot, number: event.number }] : [],
    ),
    dispatch,
    timers,
    stops,
  };
}

function dispatchRow(effect: Extract<Effect, { type: "dispatch" }>, reserve: Reserve): DispatchRow {
  const runner = effect.step.action.runner.kind === "core" ? "core" : "process";
  const queue = effect.step.queue?.name ?? "";
  const state: Placement =
    effect.delayMs > 0 ? "delayed" : queue === "" && reserve(runner) ? "leased" : "ready";
  return {
    slot: effect.slot,
    number: effect.number,
    state,
    runner,
    ref: effect.step.action.ref,
    input: JSON.stringify(effect.input),
    queue,
    key: effect.key === undefined ? null : laneKey(effect.key),
    priority: 5,
    delayMs: effect.delayMs,
  };
}

/** Index rows hold 2.7 KB, text no NUL: a longer key keeps its start and is told apart by its hash. */
function laneKey(key: string): string {
  const clean = key.replaceAll("\0", "\uFFFD");
  return clean.length <= 256
    ? clean
    : `${clean.slice(0, 200)}~${createHash("sha256").update(clean).digest("hex").slice(0, 32)}`;
}

function endedAttempt(event: RunEvent): EndedAttempt[] {
  if (event.type !== "attempt_ended") return [];
  return [
    {
      slot: event.slot,
      number: event.number,
      status: event.status,
      startedAt: event.startedAt === undefined ? null : new Date(event.startedAt),
      errorCode: event.error?.code ?? null,
      worker: event.worker ?? null,
    },
  ];
}

function changesOf(
  frame: OpFrame,
  events: readonly RunEvent[],
  dispatch: readonly DispatchRow[],
  finish: RunOp["finish"],
): string {
  const { runId: id } = frame;
  const changes: Change[] = [];
  if (frame.create !== undefined) changes.push({ type: "run.created", id, ref: frame.create.ref });
  for (const event of events) {
    if (event.type === "attempt_ended") {
      changes.push({
        type: "attempt.ended",
        id,
        step: event.slot,
        attempt: event.number,
        status: event.status,
      });
    } else if (event.type === "timer_due")
      changes.push({ type: "timer.due", id, step: event.slot });
    else changes.push({ type: "run.canceling", id, by: event.by });
  }
  for (const row of dispatch) {
    const type = row.state === "leased" ? "attempt.started" : "attempt.queued";
    changes.push({ type, id, step: row.slot, attempt: row.number });
  }
  if (finish !== undefined) changes.push({ type: "run.finished", id, status: finish.status });
  return changes.map((change) => JSON.stringify(change)).join(",");
}

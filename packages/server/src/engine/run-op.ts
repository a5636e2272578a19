import { createHash } from "node:crypto";
import type { Advanced, Effect, RunEvent } from "@yardmaster/kernel";
import { describeEffect, payloadOf } from "@yardmaster/kernel";

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
  const decisions: string[] = [];
  let finish: RunOp["finish"];
  for (const effect of advanced.effects) {
    const payload = payloadOf(effect);
    decisions.push(describeEffect(effect, payload));
    switch (effect.type) {
      case "dispatch":
        dispatch.push(dispatchRow(effect, payload, reserve));
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
          output: effect.output === undefined ? null : payload,
          error: effect.error === undefined ? null : JSON.stringify(effect.error),
        };
    }
  }
  return {
    ...frame,
    canceling: advanced.state.phase === "canceling",
    events: events.length === 0 ? "[]" : JSON.stringify(events),
    decisions: JSON.stringify(decisions),
    changes: changesOf(frame, events, dispatch, finish),
    ...(finish === undefined ? {} : { finish }),
    ended: events.flatMap(endedAttempt),
    firedTimers: events.flatMap(firedTimer),
    dispatch,
    timers,
    stops,
  };
}

function dispatchRow(
  effect: Extract<Effect, { type: "dispatch" }>,
  input: string,
  reserve: Reserve,
): DispatchRow {
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
    input,
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

function firedTimer(event: RunEvent): SlotNumber[] {
  return event.type === "timer_due" ? [{ slot: event.slot, number: event.number }] : [];
}

/**
 * The op's items for the change feed, as JSON texts with commas between. Put together by hand, as they are written
 * with every advance: ids, slots and statuses hold nothing that JSON would escape, all else goes through it.
 */
function changesOf(
  { runId, create }: OpFrame,
  events: readonly RunEvent[],
  dispatch: readonly DispatchRow[],
  finish: RunOp["finish"],
): string {
  const items: string[] = [];
  const add = (type: string, rest: string): void => {
    items.push(`{"type":"${type}","id":"${runId}"${rest}}`);
  };
  if (create !== undefined) add("run.created", `,"ref":${JSON.stringify(create.ref)}`);
  for (const event of events) {
    if (event.type === "attempt_ended") {
      add(
        "attempt.ended",
        `,"step":"${event.slot}","attempt":${event.number},"status":"${event.status}"`,
      );
    } else if (event.type === "timer_due") add("timer.due", `,"step":"${event.slot}"`);
    else add("run.canceling", `,"by":${JSON.stringify(event.by)}`);
  }
  for (const row of dispatch) {
    const type = row.state === "leased" ? "attempt.started" : "attempt.queued";
    add(type, `,"step":"${row.slot}","attempt":${row.number}`);
  }
  if (finish !== undefined) add("run.finished", `,"status":"${finish.status}"`);
  return items.join(",");
}

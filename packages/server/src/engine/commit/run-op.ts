import { createHash } from "node:crypto";
import type {
  ActionDefinition,
  AttemptPlace,
  Effect,
  Reused,
  RunEvent,
  RunState,
} from "@yardmaster/kernel";
import { DEFAULT_PRIORITY, describeEffect, payloadOf, withoutWithdrawn } from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";
import { inquiryId } from "../inquiries/inquiry-id.ts";
import { INSTANT, isInstant, runnerKindOf, targetRunner } from "../worker/runner-kind.ts";
import { changesOf } from "./op-changes.ts";
import type {
  Decided,
  DispatchRow,
  EndedAttempt,
  Instants,
  NewChild,
  NewInquiry,
  OpFrame,
  Placement,
  Reserve,
  RunOp,
  SettledInquiry,
} from "./run-op.types.ts";

const NONE: ReadonlySet<RunEvent> = new Set();

/**
 * Turns what the interpreter decided into rows, and says which instant attempts are open once they are durable.
 * `waited` are the ends of attempts that were never leased: they are in `dispatch` still.
 */
export function runOp(
  frame: OpFrame,
  decided: Decided,
  instants: Instants,
  reserve: Reserve,
  waited: ReadonlySet<RunEvent> = NONE,
): { readonly op: RunOp; readonly instants: Instants } {
  const { events } = decided;
  const dispatch: DispatchRow[] = [];
  const timers: (AttemptPlace & { delayMs: number })[] = [];
  const stops: AttemptPlace[] = [];
  const children: NewChild[] = [];
  const inquiries: NewInquiry[] = [];
  const settledInquiries: SettledInquiry[] = [];
  const decisions: string[] = [];
  let finish: RunOp["finish"];
  const net = withoutWithdrawn(decided.effects);
  for (const effect of decided.effects) {
    const payload = payloadOf(effect);
    decisions.push(describeEffect(effect, payload));
    if (effect === decided.carried || (net !== decided.effects && !net.includes(effect))) continue;
    switch (effect.type) {
      case "dispatch":
        dispatch.push(dispatchRow(effect, payload, instants, decided.state, reserve));
        break;
      case "start_timer":
        timers.push({ slot: effect.slot, number: effect.number, delayMs: effect.delayMs });
        break;
      case "stop":
        stops.push({ slot: effect.slot, number: effect.number });
        break;
      case "start_child": {
        const { slot, number, ref } = effect;
        children.push({ childId: frame.newId(), slot, number, ref, input: payload });
        break;
      }
      case "ask":
        inquiries.push(newInquiry(frame, effect, payload));
        break;
      case "settle_inquiry":
        settledInquiries.push(settledInquiry(frame, effect, events));
        break;
      case "stop_child":
        // Its row stays until its end is told; the child is stopped once this is durable.
        break;
      case "finish":
        finish = {
          status: effect.status,
          output: effect.output === undefined ? null : payload,
          outputs: outputsOf(effect.outputs),
          error: effect.error === undefined ? null : JSON.stringify(effect.error),
        };
    }
  }
  const open = openInstants(instants, events, dispatch);
  const { newId: _, reused, ...rest } = frame;
  const op: RunOp = {
    ...rest,
    canceling: decided.state.phase === "canceling" || decided.state.phase === "timing_out",
    instant: instants === open || open === undefined ? null : open.length > 0,
    pausedBy: decided.state.pausedBy ?? null,
    turnsPause: decided.goesOn === true || events.some(isPauseChange),
    events: journaled(events, reused),
    decisions: JSON.stringify(decisions),
    changes: changesOf(frame, decided, { dispatch, inquiries, settledInquiries, finish }),
    ...(finish === undefined ? {} : { finish }),
    ended: endedAttempts(events, decided.carried, instants, waited),
    firedTimers: events.flatMap(firedTimer),
    dispatch,
    timers,
    stops,
    children,
    endedChildren: events.flatMap(endedChild),
    inquiries,
    settledInquiries,
  };
  return { op, instants: open };
}

/** What is taken over stands before the events of the birth, and only there. */
function journaled(events: readonly RunEvent[], reused: Reused | undefined): string {
  const all = reused === undefined ? events : [reusedEvent(reused), ...events];
  return all.length === 0 ? "[]" : JSON.stringify(all);
}

function reusedEvent({ outputs, ...rest }: Reused): object {
  return { type: "reused", steps: outputs, ...rest };
}

function outputsOf(outputs: { readonly [name: string]: Json }): string | null {
  for (const _ in outputs) return JSON.stringify(outputs);
  return null;
}

/** Those that go on, and those that begin; the same list where nothing changes, which is what most advances want. */
function openInstants(
  instants: Instants,
  events: readonly RunEvent[],
  dispatch: readonly DispatchRow[],
): Instants {
  if (instants === undefined) return undefined;
  const begun = dispatch.filter(({ state }) => state === "instant").map(({ slot }) => slot);
  if (begun.length === 0 && instants.length === 0) return instants;
  const ended = new Set(
    events.flatMap((event) => (event.type === "attempt_ended" ? [event.slot] : [])),
  );
  return [...instants.filter((slot) => !ended.has(slot)), ...begun];
}

function dispatchRow(
  effect: Extract<Effect, { type: "dispatch" }>,
  input: string,
  instants: Instants,
  { pausedBy }: RunState,
  reserve: Reserve,
): DispatchRow {
  const { action } = effect.step;
  const { target } = effect;
  const queue = effect.step.queue?.name ?? "";
  const mayStart =
    effect.delayMs === 0 && queue === "" && pausedBy === undefined && target === undefined;
  const isFree = mayStart && reserve(isInstant(action) ? INSTANT : runnerKindOf(action));
  return {
    slot: effect.slot,
    number: effect.number,
    state: isFree ? takenAs(action, instants) : waitsAs(effect.delayMs, pausedBy !== undefined),
    runner: rowRunner(action, target, queue),
    ref: action.ref,
    input,
    queue,
    key: effect.key === undefined ? null : laneKey(effect.key),
    priority: effect.step.priority ?? DEFAULT_PRIORITY,
    delayMs: effect.delayMs,
  };
}

function waitsAs(delayMs: number, isPaused: boolean): Placement {
  if (delayMs > 0) return "delayed";
  return isPaused ? "paused" : "ready";
}

function isPauseChange({ type }: RunEvent): boolean {
  return type === "paused" || type === "resumed";
}

function rowRunner(action: ActionDefinition, target: string | undefined, queue: string): string {
  if (target !== undefined) return targetRunner(target);
  return queue === "" && isInstant(action) ? INSTANT : runnerKindOf(action);
}

/** Index rows hold 2.7 KB, text no NUL: a longer key keeps its start and is told apart by its hash. */
function laneKey(key: string): string {
  const clean = key.replaceAll("\0", "\uFFFD");
  return clean.length <= 256
    ? clean
    : `${clean.slice(0, 200)}~${createHash("sha256").update(clean).digest("hex").slice(0, 32)}`;
}

function takenAs(action: ActionDefinition, instants: Instants): Placement {
  return isInstant(action) && instants !== undefined ? "instant" : "leased";
}

function endedAttempts(
  events: readonly RunEvent[],
  carried: Effect | undefined,
  instants: Instants,
  waited: ReadonlySet<RunEvent>,
): EndedAttempt[] {
  const ended: EndedAttempt[] = [];
  for (const event of events) {
    if (event.type !== "attempt_ended") continue;
    const { slot, number, status, worker = null } = event;
    const isInstant = carried !== undefined || (instants?.includes(slot) ?? false);
    const place = waited.has(event) ? "dispatch" : isInstant ? "instant" : "leases";
    ended.push({ slot, number, status, place, worker });
  }
  return ended;
}

function endedChild(event: RunEvent): AttemptPlace[] {
  return event.type === "child_ended" ? [{ slot: event.slot, number: event.number }] : [];
}

function newInquiry(
  { runId, at }: OpFrame,
  { slot, number, question }: Extract<Effect, { type: "ask" }>,
  payload: string,
): NewInquiry {
  const { assignedTo, timeoutMs } = question;
  return {
    ...{ slot, number, id: inquiryId(runId, { slot, number }), question: payload, askedAt: at },
    // An array of texts takes no NUL.
    assignedTo:
      assignedTo === undefined ? null : JSON.stringify(assignedTo).replaceAll("\\u0000", "\uFFFD"),
    timeoutMs: timeoutMs ?? null,
  };
}

/** What was answered stands in the event that brought it about. */
function settledInquiry(
  { runId, at }: OpFrame,
  { slot, number, status }: Extract<Effect, { type: "settle_inquiry" }>,
  events: readonly RunEvent[],
): SettledInquiry {
  const settled = { slot, number, id: inquiryId(runId, { slot, number }), status, endedAt: at };
  const answered = events.find(
    (event) => event.type === "inquiry_answered" && event.slot === slot && event.number === number,
  );
  if (status !== "answered" || answered?.type !== "inquiry_answered")
    return { ...settled, answer: null, answeredBy: null };
  return { ...settled, answer: JSON.stringify(answered.answer), answeredBy: answered.by };
}

function firedTimer(event: RunEvent): AttemptPlace[] {
  return event.type === "timer_due" ? [{ slot: event.slot, number: event.number }] : [];
}

import type { FinalStatus, Json, StepFile, WorkError } from "@yardmaster/protocol";
import type { Question, StepDefinition } from "../definitions/index.ts";

/** What the interpreter wants done, as data; the engine commits it together with the events that caused it. */
export type Effect =
  | Dispatch
  | StartTimer
  | StartChild
  | Ask
  | Stop
  | StopChild
  | SettleInquiry
  | Finish;

/** Give the attempt to a worker, not before `delayMs` have passed. */
export interface Dispatch {
  readonly type: "dispatch";
  readonly slot: string;
  readonly number: number;
  readonly step: StepDefinition;
  readonly input: Json;
  /** Of a step with `files`: what is put into the attempt's work folder. */
  readonly files?: readonly StepFile[];
  readonly key?: string;
  /** Of a step with `idempotency_key`. */
  readonly idempotencyKey?: string;
  /** Key of the nodes that may carry it out (`targetKey`); absent: a worker does. */
  readonly target?: string;
  readonly delayMs: number;
}

/** Report `timer_due` when `delayMs` have passed. */
export interface StartTimer {
  readonly type: "start_timer";
  readonly slot: string;
  readonly number: number;
  readonly delayMs: number;
}

/** Start a run of a workflow of the run's own pack, as it is pinned; report `child_ended` when it has ended. */
export interface StartChild {
  readonly type: "start_child";
  readonly slot: string;
  readonly number: number;
  readonly ref: string;
  /** Fits the workflow's schema. */
  readonly input: Json;
}

/**
 * Open the inquiry of this attempt; report `inquiry_answered` when a person has answered. One that has a time has a
 * timer of its own beside it.
 */
export interface Ask {
  readonly type: "ask";
  readonly slot: string;
  readonly number: number;
  readonly question: Question;
}

/** The inquiry of this attempt is over; what came of it was decided with this. */
export interface SettleInquiry {
  readonly type: "settle_inquiry";
  readonly slot: string;
  readonly number: number;
  readonly status: "answered" | "timed_out" | "canceled";
}

/** Withdraw the attempt or timer; where a worker has it, have it stopped. Its end is reported as an event. */
export interface Stop {
  readonly type: "stop";
  readonly slot: string;
  readonly number: number;
}

/** Cancel the child run of this number. Its end is reported as an event. */
export interface StopChild {
  readonly type: "stop_child";
  readonly slot: string;
  readonly number: number;
}

export interface Finish {
  readonly type: "finish";
  readonly status: FinalStatus;
  readonly output?: Json;
  /** The saved results. */
  readonly outputs: { readonly [name: string]: Json };
  readonly error?: WorkError;
}

/**
 * Without the timers and questions that are begun and withdrawn in one go: a step that fails may end a delay, or a
 * question, that began beside it. Their rows are written in one statement, where what is withdrawn would not be there yet.
 */
export function withoutWithdrawn(effects: readonly Effect[]): readonly Effect[] {
  if (!effects.some(ends)) return effects;
  const begun = new Set(effects.filter(begins).map(keyOf));
  const withdrawn = new Set(
    effects
      .filter(ends)
      .map(keyOf)
      .filter((key) => begun.has(key)),
  );
  if (withdrawn.size === 0) return effects;
  return effects.filter((one) => !(begins(one) || ends(one)) || !withdrawn.has(keyOf(one)));
}

function begins(effect: Effect): effect is StartTimer | Ask {
  return effect.type === "start_timer" || effect.type === "ask";
}

function ends(effect: Effect): effect is Stop | SettleInquiry {
  return effect.type === "stop" || effect.type === "settle_inquiry";
}

function keyOf({ type, slot, number }: StartTimer | Ask | Stop | SettleInquiry): string {
  const what = type === "ask" || type === "settle_inquiry" ? "inquiry" : "timer";
  return `${what} ${slot}/${number}`;
}

/**
 * One line for an effect, equal for equal decisions: what `yard verify` compares. `payload` is the JSON text of what
 * the effect carries (`payloadOf`), for callers that have it already.
 */
export function describeEffect(effect: Effect, payload = payloadOf(effect)): string {
  switch (effect.type) {
    case "dispatch":
      return `dispatch ${effect.slot}/${effect.number} +${effect.delayMs} ${fingerprint(payload)}${effect.target === undefined ? "" : ` on ${effect.target}`}`;
    case "start_timer":
      return `timer ${effect.slot}/${effect.number} +${effect.delayMs}`;
    case "start_child":
      return `child ${effect.slot}/${effect.number} ${effect.ref} ${fingerprint(payload)}`;
    case "ask":
      return `ask ${effect.slot}/${effect.number} ${fingerprint(payload)}`;
    case "settle_inquiry":
      return `inquiry ${effect.slot}/${effect.number} ${effect.status}`;
    case "stop_child":
      return `stop_child ${effect.slot}/${effect.number}`;
    case "stop":
      return `stop ${effect.slot}/${effect.number}`;
    case "finish":
      return `finish ${effect.status} ${fingerprint(payload)}`;
  }
}

/** The JSON text of an input, of a question or of a run's output; empty where the effect carries none. */
export function payloadOf(effect: Effect): string {
  if (effect.type === "dispatch" && takesMore(effect.step)) {
    const { input, files, idempotencyKey } = effect;
    const more = idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey };
    return JSON.stringify({ input, ...(files && { files }), ...more } satisfies InputWithMore);
  }
  if (effect.type === "dispatch" || effect.type === "start_child")
    return JSON.stringify(effect.input);
  if (effect.type === "ask") return JSON.stringify(effect.question);
  return effect.type === "finish" ? JSON.stringify(effect.output ?? null) : "";
}

/** What the payload of a step with `files` or `idempotency_key` is. */
interface InputWithMore {
  readonly input: Json;
  readonly files?: readonly StepFile[];
  readonly idempotency_key?: string;
}

/** What of a step tells how its payload is written. */
type Payloaded = Pick<StepDefinition, "files" | "idempotencyKey">;

function takesMore({ files, idempotencyKey }: Payloaded): boolean {
  return files !== undefined || idempotencyKey !== undefined;
}

/** The input of an attempt whose payload was stored, with the files and the key where the step has some. */
export function readPayload(
  step: Payloaded,
  payload: Json,
): {
  readonly input: Json;
  readonly files?: readonly StepFile[];
  readonly idempotencyKey?: string;
} {
  if (!takesMore(step)) return { input: payload };
  const { input, files, idempotency_key: key } = payload as unknown as InputWithMore;
  return { input, ...(files && { files }), ...(key !== undefined && { idempotencyKey: key }) };
}

/** 32-bit FNV-1a: enough to notice a changed value, not to withstand an attacker. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}

import {
  type CallState,
  NODE_FLOW,
  NODE_LIMITS,
  NODE_TIMES,
  type ResumedCall,
} from "@yardmaster/protocol/node";
import type { Refusal } from "../refusal.ts";

/** A call as the node remembers it: while it runs, and for ten minutes after. */
export interface Remembered {
  readonly id: string;
  state(): CallState;
  /** The highest number of its chunks. */
  lastSeq(): number;
  /** What it keeps of output that has been sent, should the server ask again. */
  sentBytes?(): number;
  /** The server has stored its chunks up to a number. */
  ack?(seq: number, creditBytes: number): void;
  /** Why a piece of its input was not taken, if so. */
  input?(seq: number, bytes: Buffer, eof: boolean): Refusal | undefined;
  /** The link is gone, or the server has not yet said what becomes of it. */
  hold(): void;
  /** The server asks for what follows a number, or for the outcome. */
  goOn(fromSeq: number): void;
  /** Nobody waits for it: it is killed. */
  discard(): void;
  /** Nobody waits for it, and it goes on. */
  mute(): void;
}

/** Calls by their id. An id that comes again is the same call, not a new one. */
export interface Memory<Call extends Remembered> {
  get(id: string): Call | undefined;
  add(call: Call): void;
  /** Takes the place of the call with its id, where that is remembered, as the last that has ended. */
  replace(call: Call): void;
  /** Those of now: what is replaced meanwhile does not come twice. */
  all(): readonly Call[];
  list(): ResumedCall[];
}

/** `nowMs` only has to grow. */
export function createMemory<Call extends Remembered>(nowMs: () => number): Memory<Call> {
  const calls = new Map<string, Call>();
  /** At the most, of all together. */
  let sentBytes = 0;
  /** When a call was first seen to have ended. */
  const endedAt = new Map<string, number>();
  let lastSweep = nowMs();

  const forget = (id: string): void => {
    calls.get(id)?.mute();
    calls.delete(id);
    endedAt.delete(id);
  };

  const sweep = (): void => {
    const now = nowMs();
    lastSweep = now;
    for (const [id, call] of calls) {
      if (call.state() !== "finished") continue;
      const ended = endedAt.get(id) ?? now;
      endedAt.set(id, ended);
      if (now - ended >= NODE_TIMES.rememberedMs) forget(id);
    }
  };

  /** The oldest that have ended make room. */
  const bound = (): void => {
    for (const [id, call] of calls) {
      if (calls.size <= NODE_LIMITS.resumedCalls) return;
      if (call.state() === "finished") forget(id);
    }
  };

  /** Of the oldest, which the server has had for longest, until there is room for as much again. */
  const boundSent = (): void => {
    sentBytes = 0;
    for (const call of calls.values()) sentBytes += call.sentBytes?.() ?? 0;
    for (const [id, call] of calls) {
      if (sentBytes <= SENT_MOST_BYTES / 2) return;
      const bytes = call.sentBytes?.() ?? 0;
      if (bytes === 0) continue;
      sentBytes -= bytes;
      forget(id);
    }
  };

  return {
    get: (id) => calls.get(id),
    add(call) {
      if (nowMs() - lastSweep >= SWEEP_MS) sweep();
      calls.set(call.id, call);
      if (calls.size > NODE_LIMITS.resumedCalls) bound();
    },
    replace(call) {
      if (!calls.delete(call.id)) return;
      calls.set(call.id, call);
      sentBytes += call.sentBytes?.() ?? 0;
      if (sentBytes > SENT_MOST_BYTES) boundSent();
    },
    all: () => [...calls.values()],
    list() {
      sweep();
      return [...calls.values()].map((call) => ({
        id: call.id,
        state: call.state(),
        last_seq: call.lastSeq(),
      }));
    },
  };
}

const SWEEP_MS = 10_000;
/** Of what is kept for a link that is cut: the rest is for the calls that run then. More than is ever on its way. */
const SENT_MOST_BYTES = NODE_FLOW.unacknowledgedBytes / 4;

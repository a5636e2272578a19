import type { FinalStatus, WorkStatus } from "@yardmaster/protocol";
import { nextTryMs } from "./backoff.ts";

/** One item as its machine knows it. Times are Unix milliseconds. */
export interface WorkState {
  readonly status: WorkStatus;
  /** Tries that count: a run was made of it, or broke as it was made. */
  readonly attempts: number;
  /** A run is at it. */
  readonly isRunning: boolean;
  /** When the next try is due; null where none is. */
  readonly nextTryAt: number | null;
  /** Why it does not move; null while it does. */
  readonly reason: WorkReason | null;
}

export interface WorkReason {
  readonly code: WorkReasonCode;
  readonly message: string;
}

export type WorkReasonCode =
  | "start_failed"
  | "run_failed"
  | "not_startable"
  | "needs_attention"
  | "run_canceled"
  | "unassigned"
  | "issue_closed"
  | "issue_deleted"
  | "canceled";

/** A run was made of it. */
interface Picked {
  readonly type: "picked";
}

/**
 * No run could be made. `passing`: it broke, and may not the next time. `for_person`: something is not as it must be,
 * such as a workflow that is not there; that counts as no try.
 */
interface StartFailed {
  readonly type: "start_failed";
  readonly kind: "passing" | "for_person";
  readonly message: string;
}

interface RunEnded {
  readonly type: "run_ended";
  readonly status: FinalStatus;
  readonly message: string;
  /** The issue is closed by now: there is nothing to be tried again. */
  readonly isClosed?: boolean;
}

/** Its issue is not the bot's any more. */
interface Gone {
  readonly type: "gone";
  readonly code: "unassigned" | "issue_closed" | "issue_deleted";
  readonly message: string;
}

interface Canceled {
  readonly type: "canceled";
  readonly message: string;
}

interface Retried {
  readonly type: "retried";
}

export type WorkEvent = Picked | StartFailed | RunEnded | Gone | Canceled | Retried;

export interface WorkContext {
  readonly now: number;
  /** Tries until a person is asked. */
  readonly maxAttempts: number;
}

/** The next state; `stopsRun` where a run is at it that nobody wants any more. Undefined: it comes too late, or is not for it. */
export type WorkMove = { readonly next: WorkState; readonly stopsRun?: true } | undefined;

type Handler<E extends WorkEvent> = (state: WorkState, event: E, context: WorkContext) => WorkMove;
type Row = { readonly [T in WorkEvent["type"]]: Handler<Extract<WorkEvent, { type: T }>> };

const late = (): WorkMove => undefined;
const FINAL: Row = {
  picked: late,
  start_failed: late,
  run_ended: late,
  gone: late,
  canceled: late,
  retried: late,
};

/** Who leaves each status and how. A missing pair does not compile. */
const TABLE: { readonly [S in WorkStatus]: Row } = {
  queued: {
    picked: begin,
    start_failed: failStart,
    run_ended: late,
    gone: leave,
    canceled: cancel,
    retried: late,
  },
  in_progress: {
    picked: beginAgain,
    start_failed: failStartAgain,
    run_ended: endRun,
    gone: leave,
    canceled: cancel,
    retried: tryNow,
  },
  waiting: {
    picked: begin,
    start_failed: failStart,
    run_ended: late,
    gone: leave,
    canceled: cancel,
    retried: tryNow,
  },
  blocked: {
    picked: late,
    start_failed: late,
    run_ended: late,
    gone: giveUp,
    canceled: cancel,
    retried: queueAgain,
  },
  done: FINAL,
  failed: FINAL,
  canceled: FINAL,
};

export const NEW_WORK: WorkState = {
  status: "queued",
  attempts: 0,
  isRunning: false,
  nextTryAt: null,
  reason: null,
};

export function moveWork(state: WorkState, event: WorkEvent, context: WorkContext): WorkMove {
  const handler = TABLE[state.status][event.type] as Handler<WorkEvent>;
  return handler(state, event, context);
}

/** How often it is looked whether what a person must put right has been. */
export const LOOK_AGAIN_MS = 60_000;

function begin(state: WorkState): WorkMove {
  const attempts = state.attempts + 1;
  return {
    next: { status: "in_progress", attempts, isRunning: true, nextTryAt: null, reason: null },
  };
}

function beginAgain(state: WorkState): WorkMove {
  return state.isRunning ? undefined : begin(state);
}

function failStart(state: WorkState, event: StartFailed, context: WorkContext): WorkMove {
  const { message } = event;
  if (event.kind === "passing")
    return tryLater({ ...state, attempts: state.attempts + 1 }, "start_failed", message, context);
  const nextTryAt = context.now + LOOK_AGAIN_MS;
  const reason = { code: "not_startable", message } as const;
  return { next: { ...state, status: "waiting", nextTryAt, reason } };
}

function failStartAgain(state: WorkState, event: StartFailed, context: WorkContext): WorkMove {
  return state.isRunning ? undefined : failStart(state, event, context);
}

function endRun(state: WorkState, event: RunEnded, context: WorkContext): WorkMove {
  if (!state.isRunning) return undefined;
  const { status, message } = event;
  const ended = { ...state, isRunning: false, nextTryAt: null };
  if (status === "success") return { next: { ...ended, status: "done", reason: null } };
  if (event.isClosed === true)
    return { next: { ...ended, status: "failed", reason: { code: "issue_closed", message } } };
  // Somebody has stopped it: that it is tried again is not what they wanted.
  if (status === "canceled")
    return { next: { ...ended, status: "blocked", reason: { code: "run_canceled", message } } };
  return tryLater(ended, "run_failed", message, context);
}

function tryLater(
  state: WorkState,
  code: "start_failed" | "run_failed",
  message: string,
  { now, maxAttempts }: WorkContext,
): WorkMove {
  const told = { ...state, isRunning: false, nextTryAt: null };
  if (state.attempts >= maxAttempts)
    return { next: { ...told, status: "blocked", reason: { code: "needs_attention", message } } };
  const nextTryAt = now + nextTryMs(state.attempts);
  return { next: { ...told, status: "in_progress", nextTryAt, reason: { code, message } } };
}

function leave(state: WorkState, { code, message }: Gone): WorkMove {
  return end(state, "canceled", { code, message });
}

function giveUp(state: WorkState, { code, message }: Gone): WorkMove {
  return end(state, "failed", { code, message });
}

function cancel(state: WorkState, { message }: Canceled): WorkMove {
  return end(state, "canceled", { code: "canceled", message });
}

function end(state: WorkState, status: "canceled" | "failed", reason: WorkReason): WorkMove {
  const next: WorkState = { ...state, status, isRunning: false, nextTryAt: null, reason };
  return state.isRunning ? { next, stopsRun: true } : { next };
}

function tryNow(state: WorkState, _event: Retried, { now }: WorkContext): WorkMove {
  return state.isRunning ? undefined : { next: { ...state, nextTryAt: now } };
}

/** With all its tries again. */
function queueAgain(): WorkMove {
  return { next: NEW_WORK };
}

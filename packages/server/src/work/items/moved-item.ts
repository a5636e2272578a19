import { moveWork, NEW_WORK, type WorkEvent, type WorkState } from "@yardmaster/kernel";
import { isWorkFinal } from "@yardmaster/protocol";
import type { ItemRow } from "../work-row.ts";

export interface MoveContext {
  /** Unix milliseconds. */
  readonly now: number;
  readonly maxAttempts: number;
}

/** The row after the event; undefined where that comes too late, or is not for it. */
export function movedItem(
  item: ItemRow,
  event: WorkEvent,
  { now, maxAttempts }: MoveContext,
): ItemRow | undefined {
  const move = moveWork(stateOf(item), event, { now, maxAttempts });
  if (move === undefined) return undefined;
  const { next } = move;
  const at = timeOf(now);
  return {
    ...item,
    status: next.status,
    ready: false,
    reason_code: next.reason?.code ?? null,
    reason: next.reason?.message ?? null,
    attempts: next.attempts,
    tries: next.attempts > item.attempts ? item.tries + 1 : item.tries,
    running: next.isRunning,
    next_try_at: next.nextTryAt === null ? null : timeOf(next.nextTryAt),
    stop_run: move.stopsRun === true ? item.run_id : item.stop_run,
    updated_at: at,
    finished_at: isWorkFinal(next.status) ? at : null,
  };
}

export function newItem(
  made: Pick<
    ItemRow,
    "id" | "tracker_id" | "tracker" | "repository" | "number" | "event_id" | "retry_of" | "priority"
  >,
  now: number,
): ItemRow {
  const { status, attempts, isRunning } = NEW_WORK;
  const at = timeOf(now);
  return {
    ...{ ...made, status, attempts, tries: 0, running: isRunning, ready: false },
    ...{ reason_code: null, reason: null, next_try_at: null, run_id: null, stop_run: null },
    ...{ created_at: at, updated_at: at, finished_at: null },
  };
}

export function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

function stateOf(item: ItemRow): WorkState {
  const { status, attempts, running, next_try_at: next, reason_code: code, reason } = item;
  return {
    ...{ status, attempts, isRunning: running },
    nextTryAt: next === null ? null : Date.parse(next),
    // A queued one's is why it is not started, which is no matter of its machine.
    reason:
      status === "queued" || code === null
        ? null
        : ({ code, message: reason ?? "" } as WorkState["reason"]),
  };
}

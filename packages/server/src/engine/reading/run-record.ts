import { pausedWith } from "@yardmaster/kernel";
import type { RunStatus } from "@yardmaster/protocol";
import { traceOfId } from "../trace/run-trace.ts";
import type { LiveCounts, RunRow } from "./reading.store.ts";
import type { RunRecord } from "./reading.types.ts";
import { waitsFor } from "./waits-for.ts";

/** The public record of a run; the status of a live one is what its attempts and timers are doing. */
export function runRecord(row: RunRow): RunRecord {
  const { version: _, canceling: __, live, status, ...rest } = row;
  const [now, reason] = status === null ? liveStatus(row, live) : [status as RunStatus, null];
  return {
    ...rest,
    traceparent: row.traceparent ?? traceOfId(row.id),
    outputs: row.outputs ?? {},
    status: now,
    reason,
    // Whatever paused it, a stop goes through.
    paused_by: row.canceling ? null : row.paused_by,
  };
}

function liveStatus(row: RunRow, live: LiveCounts | null): [RunStatus, string | null] {
  if (row.canceling) return cancelStatus(live);
  const paused = row.paused_by === null ? null : pauseReason(row.paused_by);
  if (live === null || live.leased > 0)
    return ["running", paused && `${paused}; what runs goes on`];
  if (paused !== null) return ["waiting", paused];
  if (live.queue !== null) return ["waiting", `waits for its turn in queue "${live.queue}"`];
  if (live.ready > 0)
    return [row.version === 1 ? "queued" : "running", waitsFor(live.runner ?? "")];
  if (live.children > 0) return ["waiting", "waits for a run that it started"];
  if (live.inquiries > 1) return ["waiting", `waits for answers to ${live.inquiries} questions`];
  if (live.inquiries > 0) return ["waiting", `waits for an answer to inquiry ${live.inquiry}`];
  if (live.timers > 0) return ["waiting", `waits for a timer until ${told(live.due_at)}`];
  if (live.delayed > 0) return ["waiting", `waits until ${told(live.due_at)} to try again`];
  return ["running", null];
}

/** What has not begun is let go by itself, in a moment; nothing of it runs meanwhile. */
function cancelStatus(live: LiveCounts | null): [RunStatus, string] {
  const asked = "a stop was asked";
  if (live === null || live.leased > 0)
    return ["running", `${asked}; its attempts are being stopped`];
  if (live.children > 0) return ["waiting", `${asked}; the runs that it started are being stopped`];
  return ["waiting", `${asked}; nothing of it runs`];
}

function pauseReason(pausedBy: string): string {
  const parent = pausedWith(pausedBy);
  return parent === undefined ? `paused by ${pausedBy}` : `paused with run ${parent}`;
}

/** PostgreSQL's JSON has microseconds and an offset. */
function told(time: string | null): string {
  return time === null ? "then" : new Date(time).toISOString();
}

import { AppError, MAX_SNOOZE_S } from "@yardmaster/protocol";
import { type Schedules, timeOf } from "../schedules.ts";
import { nameOf, type TaskRow } from "../task-row.ts";
import type { Moved } from "../tasks.store.ts";
import { resumed } from "./end-pause.ts";

/** What a verb makes of a task; undefined: it is so already. Each throws where the state of the task does not allow it. */
export type Verb = (row: TaskRow, now: number) => Moved | undefined;

/** @throws AppError `task_final` */
export function refuseFinal(row: TaskRow): void {
  if (row.status !== "completed" && row.status !== "canceled") return;
  const wayOut = row.ref === null ? "Make a new one." : "Its pack may give it another time.";
  throw new AppError("task_final", `The task ${nameOf(row)} is ${row.status}. ${wayOut}`);
}

/** @throws AppError `conflict` */
export function refuseOfPack(row: TaskRow, what: string): void {
  if (row.ref === null) return;
  throw new AppError(
    "conflict",
    `The task ${row.ref} is defined by a pack, and ${what} there. \`yard tasks pause ${row.ref}\` stops it.`,
  );
}

/** @throws AppError `task_final`, `conflict` */
export function refuseInactive(row: TaskRow, what: string): void {
  refuseFinal(row);
  if (row.status !== "paused") return;
  throw new AppError(
    "conflict",
    `The task ${nameOf(row)} is paused: resume it before it can be ${what}.`,
  );
}

export function pause(by: string, until: string | undefined): Verb {
  return (row, now) => {
    refuseFinal(row);
    if (until !== undefined && Date.parse(until) <= now)
      throw new AppError("invalid_task", "/until: the time has passed", {
        errors: [{ path: "/until", message: "the time has passed" }],
      });
    const resumeAt = until === undefined ? null : new Date(until).toISOString();
    if (row.status === "paused" && row.resume_at === resumeAt) return undefined;
    const paused = { id: row.id, status: "paused", nextRun: null, snoozedFrom: null } as const;
    return { ...paused, statusBy: by, resumeAt };
  };
}

export function resume(schedules: Schedules): Verb {
  return (row, now) => {
    refuseFinal(row);
    return row.status === "active" ? undefined : resumed(row, schedules, now);
  };
}

export function cancel(by: string): Verb {
  return (row) => {
    refuseFinal(row);
    const over = { id: row.id, status: "canceled", nextRun: null, snoozedFrom: null } as const;
    return { ...over, statusBy: by, resumeAt: null };
  };
}

/** Puts off the next fire; those behind it stay, and those on the way are due no more. */
export function snooze(to: {
  readonly delaySeconds?: number | undefined;
  readonly until?: string | undefined;
}): Verb {
  return (row, now) => {
    refuseInactive(row, "put off");
    if (row.next_run === null)
      throw new AppError(
        "conflict",
        `The task ${nameOf(row)} is not due at any time that could be put off.`,
      );
    const before = Date.parse(row.next_run);
    const next =
      to.until === undefined ? before + (to.delaySeconds ?? 0) * 1_000 : Date.parse(to.until);
    const first = row.snoozed_from ?? row.next_run;
    const path = to.until === undefined ? "/delay_seconds" : "/until";
    const message =
      next <= Math.max(before, now)
        ? `the task is due at ${row.next_run}: say a later time`
        : next - Date.parse(first) > MAX_SNOOZE_S * 1_000
          ? `it was due at ${first}, and can be put off by 7 days in all`
          : undefined;
    if (message !== undefined)
      throw new AppError("invalid_task", `${path}: ${message}`, { errors: [{ path, message }] });
    const { id, status, status_by: statusBy } = row;
    return { id, status, statusBy, resumeAt: null, nextRun: timeOf(next), snoozedFrom: first };
  };
}

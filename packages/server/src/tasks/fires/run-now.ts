import { AppError } from "@yardmaster/protocol";
import { startsWith } from "../starts-with.ts";
import type { TaskBook } from "../task-book.ts";
import { starterOf } from "../task-row.ts";
import type { Tasks, TasksDeps } from "../tasks.types.ts";
import { refuseInactive } from "../verbs/verbs.ts";
import { runNowArrival } from "./fire-arrival.ts";

/** A fire beside the schedule, for whoever asks for it; it goes the way of those that are due. */
export function createRunNow(
  { take, packs, audit, newId, now }: Pick<TasksDeps, "take" | "packs" | "audit" | "newId" | "now">,
  { find }: Pick<TaskBook, "find">,
): Tasks["runNow"] {
  return async function runNow(name, by, reason) {
    const row = await find(name);
    refuseInactive(row, "run");
    const at = now();
    const taken = await take(
      runNowArrival(
        row,
        { at, by, reason },
        { fire: newId(), startsWith: () => startsWith(row, packs), audit },
      ),
    );
    if (taken.refused !== undefined || taken.eventId === undefined)
      throw new AppError("conflict", `The task ${name} has just been changed. Try again.`);
    const own = taken.decisions.find(({ rule }) => rule === starterOf(row));
    const run = own?.run_id ?? null;
    if (run === null)
      throw new AppError(
        "conflict",
        `No run of ${row.run} could be made: ${own?.reason ?? "it is held back"}`,
      );
    const message = `Run ${run} is on its way; the schedule stays as it is.`;
    const enqueued_at = own?.decided_at ?? new Date(at).toISOString();
    return { success: true, message, run_id: run, event_id: taken.eventId, enqueued_at };
  };
}

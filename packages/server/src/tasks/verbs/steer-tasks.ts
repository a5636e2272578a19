import type { RunRecord } from "../../engine/index.ts";
import type { AuditedChanges } from "../audited-changes.ts";
import type { TaskBook } from "../task-book.ts";
import { starterOf, type TaskRow } from "../task-row.ts";
import { databaseNow, moveTask } from "../tasks.store.ts";
import type { Tasks, TasksDeps } from "../tasks.types.ts";
import { cancel, pause, refuseOfPack, resume, snooze, type Verb } from "./verbs.ts";

/** Runs that a cancel looks at: those that wait are among the newest. */
const CANCELED_AT_MOST = 200;

/** What people say to a task that goes on: each verb under the lock of its row, and in the audit with it. */
export function createTaskSteering(
  { engine, rules }: Pick<TasksDeps, "engine" | "rules">,
  { schedules }: Pick<TaskBook, "schedules">,
  { under }: AuditedChanges,
): Pick<Tasks, "pause" | "resume" | "snooze" | "cancel"> {
  async function move(
    name: string,
    by: string,
    {
      word,
      verb,
      reason,
    }: { readonly word: string; readonly verb: Verb; readonly reason?: string | undefined },
  ): Promise<{ readonly before: TaskRow; readonly after: TaskRow }> {
    return await under(name, async (row, client, note) => {
      const moved = verb(row, await databaseNow(client));
      if (moved === undefined) return { before: row, after: row };
      const after = await moveTask(client, moved);
      const said = reason === undefined ? {} : { reason };
      await note(word, by, { next_run: after.next_run, ...said });
      return { before: row, after };
    });
  }

  /** The newest runs of a task that have not ended. */
  async function liveRuns(row: TaskRow): Promise<RunRecord[]> {
    const { rows } = await rules.decisions({ rule: starterOf(row), limit: CANCELED_AT_MOST });
    const runs = await Promise.all(
      rows.flatMap(({ run_id }) => (run_id === null ? [] : [engine.run(run_id)])),
    );
    return runs.filter((run) => run !== undefined && run.finished_at === null) as RunRecord[];
  }

  return {
    async pause(name, by, until) {
      const { after } = await move(name, by, { word: "paused", verb: pause(by, until) });
      const { status, status_at: paused_at, resume_at } = after;
      const till = resume_at === null ? "until it is resumed" : `until ${resume_at}`;
      return { success: true, message: `It is paused ${till}.`, status, paused_at };
    },
    async resume(name, by) {
      const { after } = await move(name, by, { word: "resumed", verb: resume(schedules) });
      const { status, status_at: resumed_at, next_run } = after;
      const due = next_run === null ? "It goes on." : `It goes on, and is due at ${next_run}.`;
      return { success: true, message: due, status, resumed_at, next_run };
    },
    async snooze(name, by, { delay_seconds, until, reason }) {
      const verb = snooze({ delaySeconds: delay_seconds, until });
      const { before, after } = await move(name, by, { word: "snoozed", verb, reason });
      const previous_next_run = before.next_run ?? "";
      const new_next_run = after.next_run ?? "";
      const message = `Its next run is put off to ${new_next_run}.`;
      return { success: true, message, previous_next_run, new_next_run };
    },
    async cancel(name, by, running) {
      const verb: Verb = (row, at) => {
        refuseOfPack(row, "is removed");
        return cancel(by)(row, at);
      };
      const { after } = await move(name, by, { word: "canceled", verb });
      let removed = 0;
      for (const run of await liveRuns(after)) {
        if (run.status !== "queued" && running === "finish") continue;
        // One that ends by itself meanwhile is not held against the cancel.
        await engine.cancel(run.id, by).then(
          () => removed++,
          () => undefined,
        );
      }
      const message = "It is canceled, and never due again.";
      const { status, status_at: canceled_at } = after;
      return { success: true, message, status, canceled_at, removed_runs: removed };
    },
  };
}

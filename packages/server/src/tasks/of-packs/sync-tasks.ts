import { isDeepStrictEqual } from "node:util";
import type { TaskDefinition } from "@yardmaster/kernel";
import type { NewId } from "@yardmaster/protocol";
import type { Database } from "../../db/index.ts";
import { coalesced, type Packs } from "../../packs/index.ts";
import { type Schedules, timeOf } from "../schedules.ts";
import { type TaskRow, ZONE_RULES } from "../task-row.ts";
import { databaseNow, tellSchedulers } from "../tasks.store.ts";
import {
  insertPackTask,
  lockDefinitions,
  lockTasksOfPacks,
  type PackTask,
  updatePackTask,
  withdrawTasks,
} from "./of-packs.store.ts";

export interface SyncDeps {
  readonly database: Pick<Database, "withTransaction">;
  readonly packs: Pick<Packs, "tasks" | "rules" | "refresh">;
  readonly schedules: Schedules;
  readonly newId: NewId;
}

/**
 * Brings the rows of packs' tasks up to what the packs say: new ones begin now, those whose schedule was edited are due
 * by the new one, and those that are in no pack any more are due never, until they come back. What somebody has paused
 * stays paused. Does nothing where nothing has changed since the last time.
 */
export function createTaskSync({
  database,
  packs,
  schedules,
  newId,
}: SyncDeps): () => Promise<void> {
  let synced: readonly TaskDefinition[] | undefined;

  return coalesced(async () => {
    for (;;) {
      const tasks = packs.tasks();
      if (tasks === synced) return;
      const { revision } = packs.rules();
      const isDone = await database.withTransaction(async (client) => {
        if (!(await lockDefinitions(client, revision))) return false;
        const rows = await lockTasksOfPacks(client);
        const now = await databaseNow(client);
        const known = new Map(rows.map((row) => [row.ref, row]));
        for (const task of tasks) {
          const row = known.get(task.ref);
          const anchor = row?.anchor ?? new Date(now).toISOString();
          const wanted = packTask(
            task,
            row,
            schedules.of({ schedule: task.schedule, anchor })?.next(now),
          );
          const made = {
            id: newId(),
            anchor,
            zoneRules: ZONE_RULES,
            by: `pack:${packOf(task.ref)}`,
          };
          if (row === undefined) await insertPackTask(client, wanted, made);
          else if (!isSame(row, wanted))
            await updatePackTask(client, row.id, wanted, snooze(row, wanted));
        }
        const gone = rows.filter(
          (row) => !row.withdrawn && !tasks.some(({ ref }) => ref === row.ref),
        );
        if (gone.length > 0)
          await withdrawTasks(
            client,
            gone.map(({ id }) => id),
          );
        await tellSchedulers(client);
        return true;
      });
      if (isDone) synced = tasks;
      else await packs.refresh();
    }
  });
}

/** `next` is when it would be due by the schedule of its file, from now on. */
function packTask(
  task: TaskDefinition,
  row: TaskRow | undefined,
  next: number | undefined,
): PackTask {
  const { ref, schedule, run, misfire, packDigest } = task;
  const isKept = row !== undefined && !row.withdrawn && isSameSchedule(row, task);
  const wasTimed = row === undefined || row.status === "active" || row.status === "completed";
  const status = isKept || !wasTimed ? row.status : next === undefined ? "completed" : "active";
  return {
    ...{ ref, schedule, run, digest: packDigest, status },
    title: task.title ?? ref,
    description: task.description ?? "",
    misfire_policy: misfire.policy,
    misfire_grace_ms: misfire.graceMs,
    catchup_limit: misfire.limit,
    next_run: isKept ? row.next_run : status === "active" ? timeOf(next) : null,
  };
}

function isSameSchedule(row: TaskRow, { schedule }: TaskDefinition): boolean {
  return isDeepStrictEqual(row.schedule, JSON.parse(JSON.stringify(schedule)));
}

function isSame(row: TaskRow, wanted: PackTask): boolean {
  return !row.withdrawn && row.digest === wanted.digest;
}

function snooze(row: TaskRow, { next_run }: PackTask): string | null {
  return row.next_run === next_run ? row.snoozed_from : null;
}

function packOf(ref: string): string {
  return ref.slice(0, ref.indexOf("."));
}

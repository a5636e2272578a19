import { AppError } from "@yardmaster/protocol";
import type { AuditedChanges } from "./audited-changes.ts";
import { previewOfSaid } from "./preview-task.ts";
import { firstDue, readSaidTask } from "./read-task.ts";
import { timeOf } from "./schedules.ts";
import type { TaskBook } from "./task-book.ts";
import { namedBy, nameOf, ZONE_RULES } from "./task-row.ts";
import { saidOf } from "./task-view.ts";
import { changeTask, databaseNow, deleteTask, insertTask } from "./tasks.store.ts";
import type { Tasks, TasksDeps } from "./tasks.types.ts";
import { refuseFinal, refuseOfPack } from "./verbs/verbs.ts";

/** Tasks that people make: said whole, and checked against what there is. */
export function createTaskMaking(
  { packs, newId }: Pick<TasksDeps, "packs" | "newId">,
  { view }: Pick<TaskBook, "view">,
  { audited, under }: AuditedChanges,
): Pick<Tasks, "create" | "change" | "remove"> {
  return {
    async create(said, { by, owner }) {
      return await audited(async (client, note) => {
        const at = await databaseNow(client);
        const task = readSaidTask(said, packs.source, { anchor: at, now: at });
        const first = firstDue(task, at, said.allow_past);
        const id = newId();
        const row = await insertTask(client, task, {
          ...{ id, anchor: new Date(at).toISOString(), created_by: owner },
          ...{ zone_rules: ZONE_RULES, next_run: timeOf(first) },
        });
        await note({ row, verb: "created", by, details: { next_run: row.next_run } });
        const preview = previewOfSaid(task, { count: 5 }, { at, first, named: namedBy(row) });
        return { ...(await view(row)), preview };
      });
    },
    async change(name, said, { by, version }) {
      return await under(name, async (row, client, note) => {
        refuseOfPack(row, "is changed");
        refuseFinal(row);
        if (version !== undefined && version !== row.version)
          throw new AppError(
            "stale_version",
            `The task ${nameOf(row)} has the version ${row.version} by now, not ${version}. Read it again.`,
          );
        const at = await databaseNow(client);
        const wanted = said(saidOf(row));
        const task = readSaidTask(wanted, packs.source, {
          anchor: Date.parse(row.anchor),
          now: at,
        });
        const isSame = JSON.stringify(task.schedule) === JSON.stringify(row.schedule);
        const due =
          isSame || row.status !== "active"
            ? { next_run: row.next_run, snoozed_from: row.snoozed_from }
            : { next_run: timeOf(firstDue(task, at, wanted.allow_past)), snoozed_from: null };
        const changed = await changeTask(client, row.id, task, due);
        await note("updated", by, { next_run: changed.next_run });
        return await view(changed);
      });
    },
    async remove(name, by) {
      await under(name, async (row, client, note) => {
        refuseOfPack(row, "is removed");
        await deleteTask(client, row.id);
        await note("deleted", by);
      });
    },
  };
}

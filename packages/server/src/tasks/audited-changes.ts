import { AppError } from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import type { TaskBook } from "./task-book.ts";
import { nameOf, type TaskRow } from "./task-row.ts";
import { lockTask, tellSchedulers } from "./tasks.store.ts";
import type { TasksDeps } from "./tasks.types.ts";

/** What the audit is told of a task. */
interface TaskEntry {
  readonly row: Pick<TaskRow, "id" | "ref" | "title">;
  readonly verb: string;
  readonly by: string;
  readonly details: { readonly [key: string]: string | null };
}

type Note = (entry: TaskEntry) => Promise<void>;
type NoteOfOne = (verb: string, by: string, details?: TaskEntry["details"]) => Promise<void>;

/** Changes of tasks, each with its line in the audit; schedulers are told when one commits. Notes come last: they lock the chain. */
export interface AuditedChanges {
  audited<T>(work: (client: ClientBase, note: Note) => Promise<T>): Promise<T>;
  /** Under the lock of the row. @throws AppError `not_found` */
  under<T>(
    name: string,
    change: (row: TaskRow, client: ClientBase, note: NoteOfOne) => Promise<T>,
  ): Promise<T>;
}

export function createAuditedChanges(
  { database, audit }: Pick<TasksDeps, "database" | "audit">,
  { find }: Pick<TaskBook, "find">,
): AuditedChanges {
  const audited: AuditedChanges["audited"] = async (work) => {
    let kept: (() => void)[] = [];
    const told = await database.withTransaction(async (client) => {
      kept = [];
      await tellSchedulers(client);
      return await work(client, async ({ row, verb, by, details }) => {
        const entry = { actor: by, action: `task.${verb}`, subject: nameOf(row) } as const;
        const said = { task_id: row.id, title: row.title, ...details };
        kept.push(await audit.recordWithin(client, { ...entry, phase: "event", details: said }));
      });
    });
    for (const keep of kept) keep();
    return told;
  };

  return {
    audited,
    async under(name, change) {
      const { id } = await find(name);
      return await audited(async (client, note) => {
        const row = await lockTask(client, id);
        if (row === undefined) throw new AppError("not_found", `There is no task ${name}.`);
        return await change(row, client, (verb, by, details = {}) =>
          note({ row, verb, by, details }),
        );
      });
    },
  };
}

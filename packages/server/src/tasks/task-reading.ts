import type { Task } from "@yardmaster/protocol";
import type { RunRecord } from "../engine/index.ts";
import { pageOf } from "../paging/index.ts";
import { explainTask } from "./explain-task.ts";
import { previewOfSaid, previewTask } from "./preview-task.ts";
import { firstDue, readSaidTask } from "./read-task.ts";
import { startsWith } from "./starts-with.ts";
import type { TaskBook } from "./task-book.ts";
import { namedBy, starterOf } from "./task-row.ts";
import { listTasks } from "./tasks.store.ts";
import type { Tasks, TasksDeps } from "./tasks.types.ts";

/** What is told of tasks: as they are, what they have started, and when they are due. */
export function createTaskReading(
  { database: { pool }, packs, engine, rules, newId, now }: TasksDeps,
  { schedules, find, view, views, isStartable }: TaskBook,
): Pick<Tasks, "list" | "all" | "get" | "runs" | "preview" | "previewSaid" | "explain"> {
  return {
    async list({ limit, ...filter }) {
      const rows = await listTasks(pool, { ...filter, limit: limit + 1 });
      const page = pageOf(rows, limit, ({ id }) => id);
      return { ...page, rows: await views(page.rows) };
    },
    async all() {
      const rows = await listTasks(pool, {});
      const shown = await views(rows);
      return rows.map((row, index) => ({
        task: shown[index] as Task,
        isStartable: isStartable(row),
      }));
    },
    get: async (name) => await view(await find(name)),
    async runs(name, page) {
      const row = await find(name);
      const { rows, ...rest } = await rules.decisions({ rule: starterOf(row), ...page });
      const runs = await Promise.all(
        rows.flatMap(({ run_id }) => (run_id === null ? [] : [engine.run(run_id)])),
      );
      const kept = runs.filter((run) => run !== undefined) as RunRecord[];
      return { ...rest, rows: kept };
    },
    async preview(name, query) {
      const row = await find(name);
      const schedule = schedules.of(row) ?? { next: () => undefined, warnings: [] };
      const first = row.next_run === null ? undefined : Date.parse(row.next_run);
      const isOver = row.status !== "active" && row.status !== "paused";
      const { with: input } = startsWith(row, packs);
      return previewTask(
        { schedule, first, with: input, named: namedBy(row) },
        { ...query, ...(isOver ? { count: 0 } : {}) },
        now(),
      );
    },
    previewSaid(said, query) {
      const at = now();
      const task = readSaidTask(said, packs.source, { anchor: at, now: at });
      const first = firstDue(task, at, said.allow_past);
      const named = { task: "preview", task_id: newId(), title: said.title };
      return previewOfSaid(task, query, { at, first, named });
    },
    async explain(name) {
      const row = await find(name);
      const task = await view(row);
      const schedulers = (await engine.sessions()).filter(({ roles }) =>
        roles.includes("scheduler"),
      );
      return explainTask({
        task,
        isStartable: isStartable(row),
        schedulers: schedulers.length,
        now: now(),
      });
    },
  };
}

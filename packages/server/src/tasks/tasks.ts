import {
  AppError,
  type CancelAnswer,
  type CreatedTask,
  isUuid,
  type NewId,
  nearestRef,
  type PauseAnswer,
  type ResumeAnswer,
  type RunNowAnswer,
  type SnoozeAnswer,
  type SnoozeTask,
  type Task,
  type TaskExplanation,
  type TaskPreview,
} from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import type { Audit } from "../audit/index.ts";
import type { Database } from "../db/index.ts";
import type { RunningEngine, RunRecord } from "../engine/index.ts";
import type { Intake } from "../inbox/index.ts";
import type { Packs } from "../packs/index.ts";
import { type Page, pageOf } from "../paging/index.ts";
import type { Rules } from "../rules/index.ts";
import { explainTask } from "./explain-task.ts";
import { runNowArrival } from "./fires/fire-arrival.ts";
import { previewTask, templateOf } from "./preview-task.ts";
import { firstDue, readSaidTask, type SaidFields, type SaidTask } from "./read-task.ts";
import { createSchedules, timeOf } from "./schedules.ts";
import { startsWith } from "./starts-with.ts";
import { nameOf, starterOf, type TaskRow, ZONE_RULES } from "./task-row.ts";
import { saidOf, taskView } from "./task-view.ts";
import {
  changeTask,
  databaseNow,
  deleteTask,
  findTask,
  insertTask,
  listTasks,
  lockTask,
  moveTask,
  type TaskFilter,
  tellSchedulers,
} from "./tasks.store.ts";
import {
  cancel,
  pause,
  refuseFinal,
  refuseInactive,
  resume,
  snooze,
  type Verb,
} from "./verbs/verbs.ts";

export interface TasksDeps {
  readonly database: Pick<Database, "pool" | "withTransaction">;
  readonly packs: Pick<Packs, "tasks" | "source">;
  readonly engine: Pick<RunningEngine, "run" | "cancel" | "sessions">;
  readonly rules: Pick<Rules, "decisions">;
  readonly take: Intake;
  readonly audit: Pick<Audit, "recordWithin" | "withRun">;
  readonly newId: NewId;
  readonly now: () => number;
}

export interface PreviewQuery {
  readonly count: number;
  readonly at?: string | undefined;
}

/** Schedules bound to workflows: those of packs, and those that people make. Names are ids, or refs of packs' tasks. */
export interface Tasks {
  /** A page, newest first. @throws AppError `invalid_cursor` */
  list(filter: TaskFilter & { readonly limit: number }): Promise<Page<Task>>;
  /** All of them, each with whether there is what it starts. */
  all(): Promise<readonly { readonly task: Task; readonly isStartable: boolean }[]>;
  /** @throws AppError `not_found` */
  get(name: string): Promise<Task>;
  /** @throws AppError `invalid_task` */
  create(said: SaidFields, by: string): Promise<CreatedTask>;
  /** `said` is what the task is to be, made of what it is. @throws AppError `not_found`, `task_final`, `conflict`, `stale_version`, `invalid_task` */
  change(
    name: string,
    said: (is: SaidFields) => SaidFields,
    who: { readonly by: string; readonly version: number | undefined },
  ): Promise<Task>;
  /** What its runs and decisions say stays. @throws AppError `not_found`, `conflict` of a pack's */
  remove(name: string, by: string): Promise<void>;
  pause(name: string, by: string, until: string | undefined): Promise<PauseAnswer>;
  resume(name: string, by: string): Promise<ResumeAnswer>;
  snooze(name: string, by: string, to: SnoozeTask): Promise<SnoozeAnswer>;
  cancel(name: string, by: string, running: "finish" | "abort"): Promise<CancelAnswer>;
  runNow(name: string, by: string, reason: string | undefined): Promise<RunNowAnswer>;
  runs(
    name: string,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<RunRecord>>;
  preview(name: string, query: PreviewQuery): Promise<TaskPreview>;
  /** Of a task that is not made. @throws AppError `invalid_task` */
  previewSaid(said: SaidFields, query: PreviewQuery): TaskPreview;
  explain(name: string): Promise<TaskExplanation>;
}

/** Runs that a cancel looks at: those that wait are among the newest. */
const CANCELED_AT_MOST = 200;

export function createTasks(deps: TasksDeps): Tasks {
  const { database, packs, engine, rules, audit, newId, now } = deps;
  const { pool } = database;
  const schedules = createSchedules();
  const view = (row: TaskRow): Task => taskView(row, schedules);

  const isStartable = ({ run }: TaskRow): boolean => packs.source.current(run) !== undefined;

  async function find(name: string): Promise<TaskRow> {
    const row = await findTask(pool, name);
    if (row !== undefined) return row;
    const near = isUuid(name)
      ? undefined
      : nearestRef(
          name,
          packs.tasks().map(({ ref }) => ref),
        );
    const hint = near === undefined ? "" : ` Did you mean ${near}?`;
    throw new AppError("not_found", `There is no task ${name}.${hint}`);
  }

  /** A transaction with what the audit says of it; schedulers are told when it commits. Notes come last: they lock the chain. */
  async function audited<T>(
    work: (client: ClientBase, note: (entry: TaskEntry) => Promise<void>) => Promise<T>,
  ): Promise<T> {
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
  }

  /** A change of a task under the lock of its row. */
  async function under<T>(
    name: string,
    change: (
      row: TaskRow,
      client: ClientBase,
      note: (verb: string, by: string, details?: TaskEntry["details"]) => Promise<void>,
    ) => Promise<T>,
  ): Promise<T> {
    const { id } = await find(name);
    return await audited(async (client, note) => {
      const row = await lockTask(client, id);
      if (row === undefined) throw new AppError("not_found", `There is no task ${name}.`);
      return await change(row, client, (verb, by, details = {}) =>
        note({ row, verb, by, details }),
      );
    });
  }

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

  function ownOnly(row: TaskRow, what: string): void {
    if (row.ref === null) return;
    throw new AppError(
      "conflict",
      `The task ${row.ref} is defined by a pack, and ${what} there. \`yard tasks pause ${row.ref}\` stops it.`,
    );
  }

  return {
    async list({ limit, ...filter }) {
      const rows = await listTasks(pool, { ...filter, limit: limit + 1 });
      const page = pageOf(rows, limit, ({ id }) => id);
      return { ...page, rows: page.rows.map(view) };
    },
    all: async () =>
      (await listTasks(pool, {})).map((row) => ({
        task: view(row),
        isStartable: isStartable(row),
      })),
    get: async (name) => view(await find(name)),
    async create(said, by) {
      return await audited(async (client, note) => {
        const at = await databaseNow(client);
        const task = readSaidTask(said, packs.source, { anchor: at, now: at });
        const first = firstDue(task, at, said.allow_past);
        const id = newId();
        const row = await insertTask(client, task, {
          ...{ id, anchor: new Date(at).toISOString(), created_by: by },
          ...{ zone_rules: ZONE_RULES, next_run: timeOf(first) },
        });
        await note({ row, verb: "created", by, details: { next_run: row.next_run } });
        const preview = previewOf(task, { count: 5 }, { at, first, named: namedBy(row) });
        return { ...view(row), preview };
      });
    },
    async change(name, said, { by, version }) {
      return await under(name, async (row, client, note) => {
        ownOnly(row, "is changed");
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
        return view(changed);
      });
    },
    async remove(name, by) {
      await under(name, async (row, client, note) => {
        ownOnly(row, "is removed");
        await deleteTask(client, row.id);
        await note("deleted", by);
      });
    },
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
        ownOnly(row, "is removed");
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
    async runNow(name, by, reason) {
      const row = await find(name);
      refuseInactive(row, "run");
      const at = now();
      const taken = await deps.take(
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
    },
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
      return previewOf(task, query, { at, first, named });
    },
    async explain(name) {
      const row = await find(name);
      const task = view(row);
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

/** What the audit is told of a task. */
interface TaskEntry {
  readonly row: Pick<TaskRow, "id" | "ref" | "title">;
  readonly verb: string;
  readonly by: string;
  readonly details: { readonly [key: string]: string | null };
}

function namedBy(row: TaskRow) {
  return { task: nameOf(row), task_id: row.id, title: row.title };
}

function previewOf(
  task: SaidTask,
  query: PreviewQuery,
  on: {
    readonly at: number;
    readonly first: number | undefined;
    readonly named: { readonly task: string; readonly task_id: string; readonly title: string };
  },
): TaskPreview {
  const { first, named } = on;
  return previewTask(
    { schedule: task.read, first, with: templateOf(task.input), named },
    query,
    on.at,
  );
}

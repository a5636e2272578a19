import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Decision, type JsonObject, uuidV7 } from "@yardmaster/protocol";
import { type IntakeOptions, startIntake, type TestIntake } from "../../test/intake.ts";
import { createAudit } from "../audit/index.ts";
import { type Database, silentLog } from "../db/index.ts";
import { createTake } from "../inbox/index.ts";
import { createTasks, type RunningTasks, runTasks, type Tasks } from "./index.ts";
import type { TaskRow } from "./task-row.ts";

export interface TestTasks extends TestIntake {
  /** One more scheduler beside the first; `pool` is what it asks through. */
  readonly another: (pool?: Database["pool"]) => RunningTasks;
  readonly running: RunningTasks;
  readonly tasks: Tasks;
  /** What the audit has of tasks, the oldest first: who, what, of which. */
  audited(): Promise<readonly (readonly [string, string, string])[]>;
  /** The row of a task, by its ref or id. */
  row(name: string): Promise<TaskRow>;
  /** As if all of it had happened so much earlier, while nobody was there. */
  letPass(name: string, ms: number): Promise<void>;
  /** Its fires: the data of their events, with what became of it. */
  fires(name: string): Promise<readonly Fire[]>;
}

export interface Fire extends Pick<Decision, "status" | "reason" | "run_id"> {
  readonly type: string;
  readonly data: JsonObject;
}

/** A pack `t` with the task `t.t`. */
export function task(schedule: string, more = "run: core.noop\n"): Record<string, string> {
  return { "tasks/t.yaml": `task: t.t\nschedule: ${schedule}\n${more}` };
}

/** Tasks over a real engine, real packs and a real database, as one scheduler has them. */
export async function startTasks(
  url: string,
  options: IntakeOptions & { readonly isStarted?: boolean } = {},
): Promise<TestTasks> {
  const intake = await startIntake(url, options);
  const { database, packs, rules, test } = intake;
  const { pool } = database;
  const newId = (): string => uuidV7(Date.now(), randomBytes(10));
  const dataFolder = mkdtempSync(join(tmpdir(), "yard-tasks-"));
  const audit = createAudit({
    ...{ database, dataFolder, newId, now: Date.now, log: silentLog },
    ...{ processId: newId, monotonicMs: () => performance.now() },
  });
  const open: RunningTasks[] = [];
  function another(asking = pool): RunningTasks {
    const running = runTasks({
      ...{ packs, log: silentLog, newId },
      database: { ...database, pool: asking },
      take: createTake({ database, engine: test.engine, rules, newId }),
      audit,
      onFired: () => {},
    });
    open.push(running);
    return running;
  }
  const running = another();
  if (options.isStarted !== false) await running.begin();
  const tasks = createTasks({
    ...{ database, packs, engine: test.engine, rules, audit, newId, now: Date.now },
    take: intake.inbox.take,
  });

  async function row(name: string): Promise<TaskRow> {
    const { rows } = await pool.query<TaskRow>(
      "SELECT * FROM tasks WHERE ref = $1 OR id::text = $1",
      [name],
    );
    return rows[0] as TaskRow;
  }

  return {
    ...intake,
    another,
    running,
    tasks,
    row,
    async audited() {
      const { rows } = await audit.list({ limit: 100 });
      return rows.map(({ actor, action, node }) => [actor, action, node] as const).toReversed();
    },
    async letPass(name, ms) {
      await pool.query(
        `UPDATE tasks SET next_run = next_run - $2 * interval '1 millisecond', resume_at = resume_at - $2 * interval '1 millisecond',
           anchor = anchor - $2 * interval '1 millisecond' WHERE ref = $1 OR id::text = $1`,
        [name, ms],
      );
      await pool.query("NOTIFY yard_tasks");
    },
    async fires(name) {
      const { rows } = await pool.query<Fire>(
        `SELECT e.type, e.data, d.status, d.reason, d.run_id FROM decisions d JOIN events e ON e.id = d.event_id
         WHERE d.rule = 'task:' || $1 ORDER BY e.time, e.id`,
        [name],
      );
      return rows;
    },
    async close() {
      for (const one of open) await one.close();
      await audit.close();
      rmSync(dataFolder, { recursive: true, force: true });
      await intake.close();
    },
  };
}

import { join } from "node:path";
import type { Database } from "../db/index.ts";
import type { OnPoint, RunningEngine } from "../engine/index.ts";
import type { Packs } from "../packs/index.ts";
import type { Programs } from "../programs.ts";
import { keepQueues } from "../queues/index.ts";
import { createSpawners, openWorkRoot } from "../runners/index.ts";
import { countStatuses, type Supervisor } from "../sensors/index.ts";
import type { Settings } from "../settings/index.ts";
import {
  createMetrics,
  type Logger,
  type Metrics,
  openTraces,
  type Traces,
} from "../telemetry/index.ts";
import { VERSION } from "../version.ts";
import { countItems } from "../work/index.ts";
import type { Closers } from "./closers.ts";
import type { Patiently } from "./patience.ts";
import { startEngine } from "./start-engine.ts";
import { startSensors } from "./start-sensors.ts";
import { type SweepParts, startSweeps } from "./start-sweeps.ts";
import { startTasks, type TaskParts } from "./start-tasks.ts";
import { startTrackers } from "./start-trackers.ts";
import { startWorkItems } from "./start-work-items.ts";

export interface WorkParts {
  readonly database: Database;
  readonly packs: Packs;
  readonly programs: Programs;
  /** This process holds the data folder. */
  readonly owner: boolean;
  readonly patiently: Patiently;
  readonly log: Logger;
  /** What tests of crashes put into the engine. */
  readonly onPoint?: OnPoint;
}

/** What works in this process, and what measures it. */
export interface Work {
  readonly engine: RunningEngine;
  /** Undefined without the role `worker`. */
  readonly sensors: Supervisor | undefined;
  readonly metrics: Metrics;
  readonly traces: Traces | undefined;
}

/** Starts the engine, and around it what the roles of this process want: sweeps of a scheduler, sensors of a worker. */
export async function startWork(
  settings: Settings,
  { patiently, owner, programs, ...parts }: WorkParts,
  closers: Closers,
): Promise<Work> {
  const { database, packs, log } = parts;
  const spawners = createSpawners({
    onLost: (pid) => log.warn({ pid }, "a spawner ended, and with it the processes it had started"),
  });
  closers.add(async () => spawners.close());
  const workRoot = openWorkRoot(join(programs.folder, "work"), log, {
    isOpen: programs.runAs !== undefined,
  });
  closers.add(() => workRoot.close());
  const metrics = createMetrics({ version: VERSION });
  closers.add(async () => metrics.close());
  database.onRestored(metrics.reconnected);
  const traces = await openTraces(settings.traces, { version: VERSION, log });
  if (traces !== undefined) closers.add(() => traces.close(settings.shutdownGraceMs));
  const running = {
    ...{ ...parts, spawners, metrics, traces },
    workRoot: workRoot.path,
    runAs: programs.runAs,
  };
  const engine = await startEngine(settings, { ...running, owner });
  metrics.readFrom({
    ...engine,
    pool: database.pool,
    sensorStatuses: () => countStatuses(database.pool),
    workItems: () => countItems(database.pool),
    spans: traces?.counters,
  });
  closers.add((graceMs) => engine.close(graceMs));
  const queues = keepQueues({ engine, packs });
  closers.add(async () => queues.close());
  await patiently(queues.begin);
  if (settings.roles.includes("scheduler"))
    await startScheduling(settings, { ...running, engine }, patiently, closers);
  const sensors = settings.roles.includes("worker")
    ? startSensors(settings, { ...running, engine })
    : undefined;
  if (sensors !== undefined) closers.add((graceMs) => sensors.close(graceMs));
  return { engine, sensors, metrics, traces };
}

/** Tasks, trackers and work items begin once what is due can be written down. */
async function startScheduling(
  settings: Settings,
  parts: TaskParts & SweepParts,
  patiently: Patiently,
  closers: Closers,
): Promise<void> {
  startSweeps(settings, parts, closers);
  const tasks = startTasks(settings, parts);
  closers.add(() => tasks.close());
  await patiently(tasks.begin);
  const trackers = startTrackers(settings, parts);
  closers.add(() => trackers.close());
  await patiently(trackers.begin);
  const work = startWorkItems(settings, parts);
  closers.add(() => work.close());
  await patiently(work.begin);
}

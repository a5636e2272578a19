import { join } from "node:path";
import type { AppError } from "@yardmaster/protocol";
import type { Pool } from "pg";
import {
  type Api,
  type EngineParts,
  startApi,
  startEngine,
  startSensors,
  startWorkerHttp,
} from "./composition/index.ts";
import {
  type Database,
  migrate,
  noteStopping,
  openDatabase,
  placeOf,
  retryOnConnectionLoss,
  startFailure,
} from "./db/index.ts";
import { type OnPoint, type RunningEngine, settleRestored } from "./engine/index.ts";
import { checkListening, type ToListen } from "./listening/index.ts";
import { refuseIfMoved } from "./move/index.ts";
import { createPacks, type Packs } from "./packs/index.ts";
import { placePrograms, requireApartFromPostgres } from "./programs.ts";
import { createQueueSweep, keepQueues } from "./queues/index.ts";
import { createRetention } from "./retention.ts";
import { createSpawners, openWorkRoot } from "./runners/index.ts";
import { countStatuses, type Supervisor } from "./sensors/index.ts";
import type { Settings } from "./settings/index.ts";
import { createMetrics, type Logger, openTraces } from "./telemetry/index.ts";
import { VERSION } from "./version.ts";

const START_PATIENCE_MS = 30_000;

export interface Server {
  /** Undefined without the role `api`. */
  readonly api: Api | undefined;
  readonly packs: Packs;
  readonly database: Database;
  /**
   * Stops in order: takes nothing new, lets running attempts end, flushes, closes. From `haste` on nobody is waited for:
   * what runs is broken off, and run again by others.
   * @throws AppError at the end, where PostgreSQL's files were deleted under it: then nobody is waited for either
   */
  close(haste?: AbortSignal): Promise<void>;
}

export interface StartOptions {
  /** Ends the waiting for PostgreSQL, and with it the start, with its reason. */
  readonly signal?: AbortSignal;
  /** What tests of crashes put into a server. */
  readonly onPoint?: OnPoint;
}

type Closer = (haste: AbortSignal) => Promise<unknown>;

/**
 * Puts the server together: database, engine, packs, and the features over them, by the roles of this process.
 * A process that works alone on a data folder owns it and its PostgreSQL; one without the role `api` joins.
 */
export async function startServer(
  settings: Settings,
  log: Logger,
  { signal, ...hooks }: StartOptions = {},
): Promise<Server> {
  const startedAt = new Date();
  const isApi = settings.roles.includes("api");
  const owns = settings.databaseUrl === undefined && isApi;
  await checkListening(toListen(settings));
  if (isApi && settings.workerPort !== undefined)
    log.info(
      {},
      "YARD_WORKER_PORT does nothing here: with the role api, YARD_PORT serves health and metrics",
    );
  const programs = placePrograms(settings);
  const database = await openDatabase({
    dataFolder: settings.dataFolder,
    databaseUrl: settings.databaseUrl,
    mode: owns ? "own" : "join",
    log,
    signal,
  });
  const patiently = patienceOf(database, log, signal);
  const closers: Closer[] = [() => database.close()];
  try {
    requireApartFromPostgres(programs, database);
    // A worker may be there before the owner has come so far; whoever is first does it, under a lock.
    await patiently(() => migrate(database.pool, { log }));
    await patiently(() => refuseIfMoved(database));
    if (await patiently(() => settleRestored(database)))
      log.warn(
        {},
        "the database was restored from elsewhere: what ran there is given out again here",
      );
    const packs = await patiently(() =>
      createPacks(
        { database, log, programFolder: programs.folder },
        { folders: isApi ? settings.packFolders : [] },
      ),
    );
    closers.unshift(() => packs.close());
    const spawners = createSpawners({
      onLost: (pid) =>
        log.warn({ pid }, "a spawner ended, and with it the processes it had started"),
    });
    closers.unshift(async () => spawners.close());
    const workRoot = openWorkRoot(join(programs.folder, "work"), log, {
      isOpen: programs.runAs !== undefined,
    });
    closers.unshift(() => workRoot.close());
    const metrics = createMetrics({ version: VERSION });
    closers.unshift(async () => metrics.close());
    database.onRestored(metrics.reconnected);
    const traces = await openTraces(settings.traces, { version: VERSION, log });
    if (traces !== undefined) closers.unshift(() => traces.close(settings.shutdownGraceMs));
    const engine = await startEngine(settings, {
      database,
      packs,
      spawners,
      workRoot: workRoot.path,
      runAs: programs.runAs,
      owner: owns,
      metrics,
      traces,
      log,
      ...hooks,
    });
    metrics.readFrom({
      ...engine,
      pool: database.pool,
      sensorStatuses: () => countStatuses(database.pool),
      spans: traces?.counters,
    });
    closers.unshift((haste) => engine.close(graceOf(settings, haste)));
    const queues = keepQueues({ engine, packs });
    closers.unshift(async () => queues.close());
    await patiently(queues.begin);
    if (settings.roles.includes("scheduler")) {
      const queueSweep = createQueueSweep({
        ...{ engine, packs },
        onDeleted: (queue) => log.info({ queue }, "no pack declares the queue any more: deleted"),
        onError: (error, what) => log.warn({ err: error }, what),
      });
      queueSweep.start();
      closers.unshift(() => queueSweep.close());
      const retention = keepOnly(settings, database.pool, { metrics, log });
      closers.unshift(() => retention.close());
    }
    const sensors = settings.roles.includes("worker")
      ? startSensors(settings, {
          ...{ database, packs, engine, spawners, metrics, traces, log },
          workRoot: workRoot.path,
          runAs: programs.runAs,
        })
      : undefined;
    if (sensors !== undefined) closers.unshift((haste) => stopSensors(sensors, settings, haste));
    const api = isApi
      ? await startApi(settings, { database, packs, engine, metrics, traces, startedAt, log })
      : undefined;
    if (api !== undefined) closers.unshift((haste) => api.close(graceOf(settings, haste)));
    const side = isApi
      ? undefined
      : await startWorkerHttp(settings, { database, engine, metrics, startedAt, log });
    if (side !== undefined) closers.unshift(() => side.close());
    closers.unshift(async (haste) => {
      beginDrain(engine, graceOf(settings, haste));
      if (sensors !== undefined) void stopSensors(sensors, settings, haste);
    });
    if (api !== undefined && settings.drainMs > 0)
      closers.unshift((haste) => api.leave(settings.drainMs, haste));
    const hurry = (): void => {
      log.info({}, "told to stop again: waiting no longer, and breaking off what runs");
      engine.hurry();
      sensors?.hurry();
      api?.hurry();
    };
    const closeLost = async (lost: AppError): Promise<never> => {
      log.warn(
        { err: lost },
        "stopping at once: what runs is broken off, and nothing of it is stored",
      );
      engine.abandon(lost);
      await closeAll(closers, log, AbortSignal.abort());
      throw lost;
    };
    return {
      ...{ api, packs, database },
      close(haste) {
        if (owns) sayStopping(settings, log);
        const lost = database.lost();
        if (lost !== undefined) return closeLost(lost);
        haste?.addEventListener("abort", hurry, { once: true });
        return closeAll(closers, log, haste);
      },
    };
  } catch (error) {
    await closeAll(closers, log);
    throw startFailure(database.url, error);
  }
}

/** Where this process will listen, and with what. */
function toListen({ host, nodesListener, roles, tls, workerPort }: Settings): ToListen {
  if (!roles.includes("api"))
    return { tls: undefined, hosts: workerPort === undefined ? {} : { YARD_HOST: host } };
  const forNodes = nodesListener === undefined ? {} : { YARD_NODES_HOST: nodesListener.host };
  return { tls, hosts: { YARD_HOST: host, ...forNodes } };
}

/** Not worth a stop that fails: the disk may be full. */
function sayStopping({ dataFolder, drainMs, shutdownGraceMs }: Settings, log: Logger): void {
  const sinceMs = Date.now();
  try {
    noteStopping(dataFolder, { sinceMs, untilMs: sinceMs + drainMs + shutdownGraceMs });
  } catch (error) {
    log.warn({ err: error }, "that this process is stopping cannot be noted in the data folder");
  }
}

/** This process and the nodes end what they run at the same time, within one grace. `close` waits for it, and tells if it fails. */
function beginDrain(engine: RunningEngine, graceMs: number): void {
  engine.drain(graceMs).catch(() => undefined);
}

/** Beside the drain, within the same grace; once, whoever asks first. */
function stopSensors(sensors: Supervisor, settings: Settings, haste: AbortSignal): Promise<void> {
  return sensors.close(graceOf(settings, haste));
}

function graceOf({ shutdownGraceMs }: Settings, haste: AbortSignal): number {
  return haste.aborted ? 0 : shutdownGraceMs;
}

/** PostgreSQL may be started anew while this process starts; each step can be done again. */
function patienceOf({ url }: Database, log: Logger, signal: AbortSignal | undefined) {
  let told = false;
  const onLoss = (error: unknown): void => {
    if (!told) log.warn({ err: error }, `waiting for PostgreSQL (${placeOf(url)})`);
    told = true;
  };
  return <T>(step: () => Promise<T>): Promise<T> =>
    retryOnConnectionLoss(step, { maxWaitMs: START_PATIENCE_MS, onLoss, signal });
}

function keepOnly(
  settings: Settings,
  pool: Pool,
  { metrics, log }: Pick<EngineParts, "metrics" | "log">,
): ReturnType<typeof createRetention> {
  const retention = createRetention(
    {
      pool,
      now: Date.now,
      onDeleted(what, rows) {
        metrics.deleted(what, rows);
        log.info({ what, rows }, "what is kept no longer was deleted");
      },
      onError: (error, what) => log.warn({ err: error, what }, "what is kept no longer stays"),
    },
    settings.keep,
  );
  retention.start();
  return retention;
}

/** Every part gets its turn, whatever became of the ones before it. */
async function closeAll(
  closers: readonly Closer[],
  log: Logger,
  haste = new AbortController().signal,
): Promise<void> {
  for (const close of closers) {
    await close(haste).catch((error: unknown) =>
      log.warn({ err: error }, "a part of the server did not stop in order"),
    );
  }
}

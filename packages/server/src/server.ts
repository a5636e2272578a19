import type { AppError } from "@yardmaster/protocol";
import {
  type Api,
  createClosers,
  createPatience,
  prepareDatabase,
  startSurfaces,
  startWork,
  type Work,
} from "./composition/index.ts";
import { type Database, noteStopping, openDatabase, startFailure } from "./db/index.ts";
import { LAST_GRACE_MS, type OnPoint } from "./engine/index.ts";
import { checkListening, type ToListen } from "./listening/index.ts";
import { createPacks, type Packs } from "./packs/index.ts";
import { placePrograms, requireApartFromPostgres } from "./programs.ts";
import type { Settings } from "./settings/index.ts";
import type { Logger } from "./telemetry/index.ts";

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

/**
 * Puts the server together: database, packs, what works, and the surfaces over it, by the roles of this process.
 * A process that works alone on a data folder owns it and its PostgreSQL; one without the role `api` joins.
 */
export async function startServer(
  settings: Settings,
  log: Logger,
  { signal, ...hooks }: StartOptions = {},
): Promise<Server> {
  const startedAt = new Date();
  const isApi = settings.roles.includes("api");
  const owner = settings.databaseUrl === undefined && isApi;
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
    mode: owner ? "own" : "join",
    log,
    signal,
  });
  const closers = createClosers(log, settings.shutdownGraceMs);
  closers.add(() => database.close());
  try {
    requireApartFromPostgres(programs, database);
    const patiently = createPatience(database, log, signal);
    await prepareDatabase(database, patiently, log);
    const packs = await patiently(() =>
      createPacks(
        { database, log, programFolder: programs.folder },
        { folders: isApi ? settings.packFolders : [] },
      ),
    );
    closers.add(() => packs.close());
    const parts = { database, packs, programs, owner, patiently, log, ...hooks };
    const work = await startWork(settings, parts, closers);
    const api = await startSurfaces(
      settings,
      { ...work, database, packs, startedAt, log },
      closers,
    );
    closers.add(async (graceMs) => beginDrain(work, graceMs));
    if (api !== undefined && settings.drainMs > 0)
      closers.add((_, haste) => api.leave(settings.drainMs, haste));
    const hurry = (): void => {
      log.info({}, "told to stop again: waiting no longer, and breaking off what runs");
      for (const part of [work.engine, work.sensors, api]) part?.hurry();
    };
    const closeLost = async (lost: AppError): Promise<never> => {
      const what = "stopping at once: what runs is broken off, and nothing of it is stored";
      log.warn({ err: lost }, what);
      work.engine.abandon(lost);
      await closers.closeAll(AbortSignal.abort());
      throw lost;
    };
    return {
      ...{ api, packs, database },
      close(haste) {
        if (owner) sayStopping(settings, log);
        const lost = database.lost();
        if (lost !== undefined) return closeLost(lost);
        haste?.addEventListener("abort", hurry, { once: true });
        return closers.closeAll(haste);
      },
    };
  } catch (error) {
    await closers.closeAll();
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
    noteStopping(dataFolder, {
      sinceMs,
      untilMs: sinceMs + drainMs + shutdownGraceMs + LAST_GRACE_MS,
    });
  } catch (error) {
    log.warn({ err: error }, "that this process is stopping cannot be noted in the data folder");
  }
}

/**
 * This process, its sensors and the nodes end what they run at the same time, within one grace. Their own `close`, each
 * in its turn, waits for it and tells if it fails.
 */
function beginDrain({ engine, sensors }: Work, graceMs: number): void {
  engine.drain(graceMs).catch(() => undefined);
  sensors?.close(graceMs).catch(() => undefined);
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AppError, failureCode } from "@yardmaster/protocol";
import { clientConfig, connectClient } from "../connection/connection.ts";
import { isConnectionLoss, isOutOfRoom, isRefusal } from "../connection/connection-loss.ts";
import type { Log } from "../log.ts";
import type { Cluster } from "./cluster.ts";
import { diskFull, mayPass } from "./failed-start.ts";
import { logSince, sizeOf } from "./log-file.ts";
import {
  disownPostmasterFile,
  type LivingPostmaster,
  livingPostmaster,
} from "./postmaster-file.ts";
import { spawnPostmaster } from "./spawn.ts";
import { endPostmaster, stopPostmaster } from "./stop.ts";

export interface Postmaster {
  /**
   * PostgreSQL answers when this returns: one that runs is adopted, one that died is started again.
   * @throws AppError `unavailable` when it cannot be started, with the end of its log; or what it says while it runs and
   * has no room.
   */
  ensureRunning(): Promise<void>;
  /** Its files were deleted after it had started: it may run still, and holds what nobody can read again. */
  lost(): AppError | undefined;
  /** In order: running statements are broken off, everything committed is on disk. At once where it is lost. */
  stop(): Promise<void>;
}

/** Replay of the log after a kill takes seconds; a disk that slow that this is not enough is a fault. */
const READY_WITHIN_MS = 300_000;
/** An adopted server that does not let us in (its socket was deleted) is started anew. */
const ADOPTED_WITHIN_MS = 5_000;
const START_WITHIN_MS = 15_000;

export function createPostmaster(
  cluster: Cluster,
  log: Log,
  options: { readonly detached: boolean } = { detached: true },
): Postmaster {
  const { dataPath } = cluster;
  /** Once it answered: its files are there. */
  let runs: number | undefined;

  async function ensureRunning(): Promise<void> {
    const gone = lost();
    if (gone !== undefined) throw gone;
    const found = livingPostmaster(dataPath);
    if (found && (await adopt(found))) return;
    const deadline = performance.now() + START_WITHIN_MS;
    for (;;) {
      const before = sizeOf(cluster.logPath);
      if (await start()) return;
      const said = logSince(cluster.logPath, before);
      if (!mayPass(said) || performance.now() > deadline) throw startFailed(said, cluster.home);
      await delay(20);
    }
  }

  async function adopt(found: LivingPostmaster): Promise<boolean> {
    const { socketFolder = "", port } = cluster.endpoint;
    const isOurs = found.program === cluster.binaries.postgres && found.port === port;
    if (isOurs && !found.stopping && found.socketFolder === socketFolder) {
      if (await answers(found.pid, ADOPTED_WITHIN_MS)) {
        runs = found.pid;
        log.debug({ pid: found.pid }, "PostgreSQL was running already");
        return true;
      }
    }
    log.info(
      { pid: found.pid },
      "stopping a PostgreSQL that an earlier server left and that does not fit",
    );
    await stopPostmaster(cluster);
    return false;
  }

  function lost(): AppError | undefined {
    const missing = runs === undefined ? undefined : missingOf(dataPath);
    return missing === undefined ? undefined : filesDeleted(missing, cluster.home);
  }

  /** False when PostgreSQL ended before it answered. */
  async function start(): Promise<boolean> {
    disownPostmasterFile(dataPath);
    const began = performance.now();
    const pid = await spawnPostmaster(cluster, options);
    if (!(await answers(pid, READY_WITHIN_MS))) return false;
    runs = pid ?? livingPostmaster(dataPath)?.pid;
    log.info({ pid, duration_ms: Math.round(performance.now() - began) }, "PostgreSQL started");
    return true;
  }

  /**
   * Whether PostgreSQL lets us in before `withinMs`; while it replays its log it may take as long as it needs.
   * Judged by connecting: log lines and the pid file promise more than they hold.
   */
  async function answers(pid: number | undefined, withinMs: number): Promise<boolean> {
    const config = clientConfig(cluster.url("postgres"), "yardmaster start");
    let deadline = performance.now() + withinMs;
    for (;;) {
      try {
        const client = await connectClient(config);
        await client.end();
        return true;
      } catch (error) {
        // It runs, and has no connection or no room on its disk: neither is mended by another start.
        if (!isConnectionLoss(error) || isRefusal(error) || isOutOfRoom(error)) throw error;
        const isRecovering = failureCode(error) === "57P03";
        if (isRecovering) deadline = Math.max(deadline, performance.now() + ADOPTED_WITHIN_MS);
      }
      const living = livingPostmaster(dataPath);
      const isAlive = living !== undefined || (pid !== undefined && isRunning(pid));
      if (!isAlive || performance.now() > deadline) return false;
      await delay(5);
    }
  }

  let starting: Promise<void> | undefined;
  return {
    ensureRunning: () => {
      starting ??= ensureRunning().finally(() => {
        starting = undefined;
      });
      return starting;
    },
    lost,
    stop: async () => {
      await starting?.catch(() => {});
      if (runs !== undefined && lost() !== undefined) await endPostmaster(dataPath, runs);
      else await stopPostmaster(cluster);
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** What PostgreSQL cannot be without. Whoever deletes its folder may have deleted a part of it so far. */
const NEEDED = ["PG_VERSION", "global/pg_control", "base"] as const;

function missingOf(dataPath: string): string | undefined {
  return NEEDED.map((name) => join(dataPath, name)).find((path) => !existsSync(path));
}

function filesDeleted(missing: string, home: string): AppError {
  return new AppError(
    "unavailable",
    `The files of PostgreSQL were deleted while it ran: ${missing} is not there. What was in it is lost, and nothing can be stored. Stop this server, put ${home} back from a backup, or move the data folder away to begin with an empty one; then start again`,
  );
}

function startFailed(said: string, home: string): AppError {
  const full = diskFull(said, home);
  if (full !== undefined) return full;
  return new AppError("unavailable", `PostgreSQL did not start: ${said || "it said nothing"}`);
}

import { availableParallelism, hostname } from "node:os";
import { type Database, processStartId } from "../db/index.ts";
import { createEngine, type OnPoint, type RunningEngine } from "../engine/index.ts";
import { newId } from "../new-id.ts";
import type { Packs } from "../packs/index.ts";
import { createRunners, createWorkFolders, type RunAs, type Spawners } from "../runners/index.ts";
import { createSealer, findMasterKey, type Sealer } from "../sealing/index.ts";
import { createSecretReader, readSecretPlace } from "../secrets/index.ts";
import type { Settings } from "../settings/index.ts";
import { createStepFiles } from "../step-files/index.ts";
import type { Logger, Metrics, Traces } from "../telemetry/index.ts";
import { createTrackerDoor, createTrackerRunner } from "../trackers/index.ts";
import { VERSION } from "../version.ts";
import { attemptLimits } from "./attempt-limits.ts";
import { measuredRunners } from "./measured-runners.ts";
import { trackerRequester } from "./tracker-requester.ts";

/** Runs of core actions cost no process: many at once. */
const CORE_AT_ONCE = 1_000;
const PROCESSES_PER_CORE = 4;

export interface EngineParts {
  readonly database: Database;
  readonly packs: Packs;
  readonly spawners: Spawners;
  /** Folder for the work folders of this process. */
  readonly workRoot: string;
  readonly runAs: RunAs | undefined;
  /** This process holds the data folder. */
  readonly owner: boolean;
  readonly metrics: Metrics;
  readonly traces: Traces | undefined;
  readonly log: Logger;
  /** What tests of crashes put into it. */
  readonly onPoint?: OnPoint;
}

/** The engine with the runners, limits and meters of this process. */
export async function startEngine(settings: Settings, parts: EngineParts): Promise<RunningEngine> {
  const { database, packs, spawners, workRoot, runAs, owner, metrics, traces, log, onPoint } =
    parts;
  const readSecrets = createSecretReader({
    pool: database.pool,
    sealer: sealerOfWorker(settings),
  });
  const readKey = readSecretPlace(process.env, readSecrets);
  const trackers = createTrackerDoor({
    ...{
      pool: database.pool,
      readSecret: readKey,
      sealer: sealerOfWorker(settings),
      now: Date.now,
    },
    request: trackerRequester(settings),
  });
  return await createEngine(
    {
      database,
      definitions: packs.source,
      runners: measuredRunners(
        createRunners({
          ...attemptLimits(settings.limits),
          start: spawners.start,
          runAs,
          readSecrets,
          readKey,
          tracker: createTrackerRunner(trackers),
          http: { allow: settings.httpAllow, responseLimitBytes: settings.limits.inlineBytes },
        }),
        metrics.attempt,
      ),
      stepFiles: createStepFiles({ pool: database.pool, newId }),
      workFolders: createWorkFolders(workRoot, log, runAs),
      log,
      newId,
      now: Date.now,
      monotonicMs: () => performance.now(),
      random: Math.random,
      onFlush: metrics.flush,
      onRunEnd: metrics.runEnded,
      takeSpans: traces?.take,
      onPoint,
    },
    {
      roles: settings.roles,
      host: hostname(),
      pid: process.pid,
      processStart: processStartId(process.pid) ?? "",
      owner,
      version: VERSION,
      maxInputBytes: settings.limits.inlineBytes,
      capacity: {
        core: CORE_AT_ONCE,
        process: settings.workerProcesses ?? PROCESSES_PER_CORE * availableParallelism(),
      },
    },
  );
}

/** Looked for when a secret is first asked for: a worker that needs none may have no key, and must not make one. */
export function sealerOfWorker({ dataFolder, masterKey }: Settings): () => Sealer | undefined {
  let sealer: Sealer | undefined;
  return () => {
    const key = sealer === undefined ? findMasterKey(dataFolder, masterKey) : undefined;
    if (key !== undefined) sealer = createSealer(key);
    return sealer;
  };
}

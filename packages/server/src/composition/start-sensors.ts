import type { Database } from "../db/index.ts";
import type { RunningEngine } from "../engine/index.ts";
import { eventSpans, type TraceEvent } from "../events/index.ts";
import { createTake } from "../inbox/index.ts";
import { newId } from "../new-id.ts";
import type { Packs } from "../packs/index.ts";
import { createRules } from "../rules/index.ts";
import {
  createLastingStarter,
  createWorkFolders,
  type RunAs,
  type Spawners,
} from "../runners/index.ts";
import { MAX_LINE_BYTES, type Supervisor, superviseSensors } from "../sensors/index.ts";
import type { Settings } from "../settings/index.ts";
import type { Logger, Metrics, Traces } from "../telemetry/index.ts";

export interface SensorParts {
  readonly database: Database;
  readonly packs: Packs;
  readonly engine: RunningEngine;
  readonly spawners: Spawners;
  /** Folder for the work folders of this process. */
  readonly workRoot: string;
  readonly runAs: RunAs | undefined;
  readonly metrics: Metrics;
  readonly traces: Traces | undefined;
  readonly log: Logger;
}

/** From TERM to KILL: a sensor may have to end what it holds open elsewhere. */
const GRACE_MS = 30_000;

/** Runs sensors in this process; their events go the way of those that are posted, with the rules judging here. */
export function startSensors({ loopDepth }: Settings, parts: SensorParts): Supervisor {
  const { database, packs, engine, spawners, workRoot, runAs, metrics, traces, log } = parts;
  const now = Date.now;
  const rules = createRules({ database, packs, engine, newId, now }, { loopDepth });
  const traceEvent: TraceEvent | undefined =
    traces && ((event, decisions) => traces.take(eventSpans(event, decisions)));
  return superviseSensors({
    ...{ database, packs, engine, rules, log, now },
    take: createTake({ database, engine, rules, observer: metrics, traceEvent, newId }),
    start: createLastingStarter({
      start: spawners.start,
      runAs,
      graceMs: GRACE_MS,
      maxLineBytes: MAX_LINE_BYTES,
    }),
    workFolders: createWorkFolders(workRoot, log, runAs),
    onLines: metrics.sensorLines,
    onError: (error, what) => log.warn({ err: error }, what),
    monotonicMs: () => performance.now(),
  });
}

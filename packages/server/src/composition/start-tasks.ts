import { createRunEntries } from "../audit/index.ts";
import type { Database } from "../db/index.ts";
import type { RunningEngine } from "../engine/index.ts";
import { eventSpans, type TraceEvent } from "../events/index.ts";
import { createTake } from "../inbox/index.ts";
import { newId } from "../new-id.ts";
import type { Packs } from "../packs/index.ts";
import { createRules } from "../rules/index.ts";
import type { Settings } from "../settings/index.ts";
import { type RunningTasks, runTasks } from "../tasks/index.ts";
import type { Logger, Metrics, Traces } from "../telemetry/index.ts";

export interface TaskParts {
  readonly database: Database;
  readonly packs: Packs;
  readonly engine: RunningEngine;
  readonly metrics: Metrics;
  readonly traces: Traces | undefined;
  readonly log: Logger;
}

/** Fires tasks in this process; their events go the way of those that are posted, with the rules judging here. */
export function startTasks(settings: Settings, parts: TaskParts): RunningTasks {
  const { loopDepth, adminToken, masterKey, databaseUrl } = settings;
  const { database, packs, engine, metrics, traces, log } = parts;
  const rules = createRules({ database, packs, engine, newId, now: Date.now }, { loopDepth });
  const traceEvent: TraceEvent | undefined =
    traces && ((event, decisions) => traces.take(eventSpans(event, decisions)));
  return runTasks({
    ...{ database, packs, log, newId },
    audit: {
      withRun: createRunEntries({ newId, now: Date.now }, [adminToken, masterKey, databaseUrl]),
    },
    take: createTake({ database, engine, rules, observer: metrics, traceEvent, newId }),
    onFired: metrics.taskFired,
  });
}

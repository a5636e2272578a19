import { eventSpans, type TraceEvent } from "../events/index.ts";
import { createTake } from "../inbox/index.ts";
import { newId } from "../new-id.ts";
import { createRules } from "../rules/index.ts";
import { createSecretReader, readSecretPlace } from "../secrets/index.ts";
import type { Settings } from "../settings/index.ts";
import { type PollingTrackers, pollTrackers } from "../trackers/index.ts";
import { sealerOfWorker } from "./start-engine.ts";
import type { TaskParts } from "./start-tasks.ts";
import { trackerRequester } from "./tracker-requester.ts";

/** Polls trackers in this process; what it finds goes the way of webhooks, with the rules judging here. */
export function startTrackers(settings: Settings, parts: TaskParts): PollingTrackers {
  const { database, packs, engine, metrics, traces, log } = parts;
  const { loopDepth } = settings;
  const now = Date.now;
  const rules = createRules({ database, packs, engine, newId, now }, { loopDepth });
  const sealer = sealerOfWorker(settings);
  const traceEvent: TraceEvent | undefined =
    traces && ((event, decisions) => traces.take(eventSpans(event, decisions)));
  return pollTrackers({
    ...{ database, log, now, sealer, observer: metrics },
    take: createTake({ database, engine, rules, observer: metrics, traceEvent, newId }),
    request: trackerRequester(settings),
    readSecret: readSecretPlace(process.env, createSecretReader({ pool: database.pool, sealer })),
  });
}

import type { Audit } from "../audit/index.ts";
import { createDoctor } from "../doctor/index.ts";
import { createEvents, eventSpans, type TraceEvent } from "../events/index.ts";
import { createInbox } from "../inbox/index.ts";
import { createInquiries } from "../inquiries/index.ts";
import { newId } from "../new-id.ts";
import type { NodesFeature } from "../nodes/index.ts";
import { createQueues } from "../queues/index.ts";
import {
  createOwnEvents,
  createReplays,
  createRules,
  createTrials,
  type OwnEvents,
} from "../rules/index.ts";
import { createSealer } from "../sealing/index.ts";
import { createSecretReader, createSecrets, readSecretPlace } from "../secrets/index.ts";
import { createSensors } from "../sensors/index.ts";
import type { Settings } from "../settings/index.ts";
import { readiness } from "../status.ts";
import { createStepFiles } from "../step-files/index.ts";
import { createTasks } from "../tasks/index.ts";
import { createIssueWatch, createTrackerDoor, createTrackers } from "../trackers/index.ts";
import { createWork } from "../work/index.ts";
import type { ApiDeps } from "./api.types.ts";
import { pairedNodes } from "./api-nodes.ts";
import type { ApiFeatures } from "./api-routes.ts";
import { trackerRequester } from "./tracker-requester.ts";

interface Shared {
  readonly audit: Audit;
  readonly nodes: NodesFeature;
  readonly masterKey: Buffer;
}

interface Features {
  readonly features: Omit<ApiFeatures, "auth">;
  readonly ownEvents: OwnEvents;
}

/** The features behind the routes, each given what it needs of the others. */
export function createFeatures(
  settings: Settings,
  { database, packs, engine, metrics, traces, log }: ApiDeps,
  { audit, nodes, masterKey }: Shared,
): Features {
  const now = Date.now;
  const { pool } = database;
  const { dataFolder, loopDepth } = settings;
  const traceEvent: TraceEvent | undefined =
    traces && ((event, decisions) => traces.take(eventSpans(event, decisions)));
  const rules = createRules({ database, packs, engine, newId, now }, { loopDepth });
  const sealer = createSealer(masterKey);
  const secrets = createSecrets({ database, packs, audit, sealer });
  const readSecret = readSecretPlace(
    process.env,
    createSecretReader({ pool, sealer: () => sealer }),
  );
  const inbox = createInbox(
    {
      database,
      engine,
      rules,
      packs,
      readSecret,
      sealer,
      watch: createIssueWatch({ pool }),
      observer: metrics,
      traceEvent,
      log,
      newId,
      now,
    },
    { maxBodyBytes: settings.limits.webhookBodyBytes },
  );
  const events = createEvents({
    database,
    engine,
    deliveryOf: inbox.delivery,
    decisionsOf: rules.decisionsOf,
    judgedOf: rules.judgedOf,
  });
  const queues = createQueues({ engine, packs });
  const sensors = createSensors({ database, packs, rules, engine, now });
  const tasks = createTasks({
    ...{ database, packs, engine, rules, audit, newId, now },
    take: inbox.take,
  });
  const { sources } = inbox;
  const request = trackerRequester(settings);
  const trackers = createTrackers({
    ...{ database, audit, sources, sealer, readSecret, newId, now },
    lastDelivery: inbox.lastDelivery,
    request,
  });
  const door = createTrackerDoor({ pool, sealer: () => sealer, readSecret, request, now });
  return {
    features: {
      engine,
      stepFiles: createStepFiles({ pool, newId }),
      packs,
      rules,
      inbox,
      events,
      queues,
      sensors,
      secrets,
      inquiries: createInquiries({ engine, audit }),
      tasks,
      trackers,
      work: createWork({ database, engine, trackers: door, audit, newId, now }),
      metrics,
      audit,
      nodes,
      trials: createTrials({ rules, packs, engine, events }),
      replays: createReplays({ pool, engine, rules, events, onDecided: metrics.decided, newId }),
      doctor: createDoctor({
        ...{
          dataFolder,
          database,
          engine,
          packs,
          sources,
          queues,
          sensors,
          secrets,
          tasks,
          trackers,
          audit,
          now,
        },
        programs: { uid: process.getuid?.(), roles: settings.roles, runAs: settings.runAs },
        nodes: () => pairedNodes(nodes),
        ready: () => readiness({ database, engine }),
      }),
    },
    ownEvents: createOwnEvents({
      ...{ pool, engine, rules, log, newId, now },
      onEvent(event, decisions) {
        metrics.event("own", decisions);
        traceEvent?.(event, decisions);
      },
    }),
  };
}

import { type Audit, auditRoutes } from "../audit/index.ts";
import { type Auth, tokenRoutes } from "../auth/index.ts";
import { catalogRoutes } from "../catalog/index.ts";
import { type Doctor, doctorRoutes } from "../doctor/index.ts";
import type { RunningEngine } from "../engine/index.ts";
import { type Events, eventRoutes } from "../events/index.ts";
import type { Route } from "../http/index.ts";
import { deliveryRoutes, type Inbox, sourceRoutes, webhookRoute } from "../inbox/index.ts";
import { type Inquiries, inquiryRoutes } from "../inquiries/index.ts";
import { streamRoutes } from "../live/index.ts";
import { newId } from "../new-id.ts";
import { type NodesFeature, nodeRoutes } from "../nodes/index.ts";
import { type Packs, packRoutes, schemaRoutes } from "../packs/index.ts";
import { type Queues, queueRoutes } from "../queues/index.ts";
import {
  type Replays,
  type Rules,
  replayRoutes,
  ruleRoutes,
  type Trials,
  trialRoutes,
} from "../rules/index.ts";
import { runRoutes } from "../runs/index.ts";
import { type Secrets, secretRoutes } from "../secrets/index.ts";
import { type Sensors, sensorRoutes } from "../sensors/index.ts";
import { type StepFiles, stepFileRoutes } from "../step-files/index.ts";
import { type Tasks, taskRoutes } from "../tasks/index.ts";
import { type Metrics, metricsRoute } from "../telemetry/index.ts";
import { type Trackers, trackerRoutes } from "../trackers/index.ts";
import { type Work, workRoutes } from "../work/index.ts";

/** What the routes of the API stand on. */
export interface ApiFeatures {
  readonly engine: RunningEngine;
  readonly stepFiles: StepFiles;
  readonly packs: Packs;
  readonly rules: Rules;
  readonly inbox: Inbox;
  readonly events: Events;
  readonly trials: Trials;
  readonly replays: Replays;
  readonly queues: Queues;
  readonly sensors: Sensors;
  readonly secrets: Secrets;
  readonly inquiries: Inquiries;
  readonly tasks: Tasks;
  readonly trackers: Trackers;
  readonly work: Work;
  readonly doctor: Doctor;
  readonly nodes: NodesFeature;
  readonly audit: Audit;
  readonly auth: Auth;
  readonly metrics: Metrics;
}

/**
 * Every route of the API, but for health and documentation. Describing a route touches nothing of its feature, so the
 * reference is made from these without a server.
 */
export function apiRoutes(features: ApiFeatures): Route[] {
  const { engine, packs, rules, inbox, events } = features;
  return [
    ...runRoutes(engine, packs),
    ...stepFileRoutes(engine, features.stepFiles),
    ...streamRoutes(engine.feed),
    ...packRoutes(packs),
    ...schemaRoutes(),
    ...catalogRoutes(packs),
    ...queueRoutes(features.queues),
    ...sensorRoutes(features.sensors),
    ...secretRoutes(features.secrets),
    ...inquiryRoutes(features.inquiries),
    ...taskRoutes(features.tasks),
    ...trackerRoutes(features.trackers),
    ...workRoutes(features.work),
    webhookRoute(inbox),
    ...sourceRoutes(inbox.sources),
    ...deliveryRoutes(inbox, events),
    ...ruleRoutes({ rules, events }),
    ...eventRoutes({ events, accept: inbox.acceptCloudEvent }),
    ...trialRoutes({ trials: features.trials, events, now: Date.now }),
    ...replayRoutes(features.replays, newId),
    ...tokenRoutes(features.auth),
    ...nodeRoutes(features.nodes),
    ...auditRoutes(features.audit),
    ...doctorRoutes(features.doctor),
    metricsRoute(features.metrics),
  ];
}

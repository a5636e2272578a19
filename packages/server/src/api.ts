import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type ApiFeatures, apiRoutes } from "./api-routes.ts";
import { attemptLimits } from "./attempt-limits.ts";
import { type Audit, createAudit, endLostCalls, lockLostCalls } from "./audit/index.ts";
import { type AdminToken, createAuth, ensureAdminToken } from "./auth/index.ts";
import {
  type Database,
  isConnectionLoss,
  retryOnConnectionLoss,
  writePrivateFile,
} from "./db/index.ts";
import { siteRoutes } from "./docs/index.ts";
import { createDoctor } from "./doctor/index.ts";
import { NODE_LEASE_MS, type RunningEngine } from "./engine/index.ts";
import { createEvents, eventSpans, type TraceEvent } from "./events/index.ts";
import { type BodyLimit, createHttp, type Http, type HttpDeps } from "./http/index.ts";
import { createKeptAnswers } from "./idempotency/index.ts";
import { createInbox } from "./inbox/index.ts";
import { newId } from "./new-id.ts";
import { createExplainTarget, createNodeJobs } from "./node-jobs/index.ts";
import { type NodesFeature, startNodes } from "./nodes/index.ts";
import type { Packs } from "./packs/index.ts";
import { createQueues } from "./queues/index.ts";
import {
  createOwnEvents,
  createReplays,
  createRules,
  createTrials,
  type OwnEvents,
} from "./rules/index.ts";
import { createSealer, derivedKey, loadMasterKey, readSecretPlace } from "./secrets/index.ts";
import type { Settings } from "./settings/index.ts";
import { readiness, serverStatus } from "./status.ts";
import { createStepFiles } from "./step-files/index.ts";
import type { Logger, Metrics, Traces } from "./telemetry/index.ts";
import { VERSION } from "./version.ts";
import { readPageFiles, webRoutes } from "./web/index.ts";

/** Nodes that are looked at for who could carry out an attempt that waits, and for who is away. */
const MOST_NODES_EXPLAINED = 1_000;

export interface Api {
  readonly url: string;
  readonly admin: AdminToken;
  /** Serves on for `drainMs`, or until `haste`, and tells whoever asks that it is about to stop. */
  leave(drainMs: number, haste: AbortSignal): Promise<void>;
  /** Lets nodes end what they do, for `graceMs`, and closes. */
  close(graceMs: number): Promise<void>;
  /** Ends the grace of a close that has begun. */
  hurry(): void;
}

export interface ApiDeps {
  readonly database: Database;
  readonly packs: Packs;
  readonly engine: RunningEngine;
  readonly metrics: Metrics;
  /** Undefined where nothing is traced. */
  readonly traces: Traces | undefined;
  readonly startedAt: Date;
  readonly log: Logger;
}

/** Serves HTTP, and leaves the address in the data folder for `yard` on this machine. */
export async function startApi(settings: Settings, deps: ApiDeps): Promise<Api> {
  const { database, metrics, log } = deps;
  const { pool } = database;
  const admin = await retryOnConnectionLoss(() =>
    ensureAdminToken(
      { database, dataFolder: settings.dataFolder, newId, random: randomBytes },
      settings.adminToken,
    ),
  );
  const auth = await createAuth({ database, newId, random: randomBytes });
  const audit = openAudit(settings, deps, admin);
  const lostCalls = endLostCalls({
    audit,
    processes: deps.engine.processes,
    inTurn: (work) =>
      database.withTransaction(async (client) => {
        await lockLostCalls(client);
        await work();
      }),
    onError: (error) =>
      log[isConnectionLoss(error) ? "debug" : "warn"](
        { err: error },
        "the audit could not end what a process that is gone had begun; trying again",
      ),
  });
  const masterKey = loadMasterKey(settings.dataFolder, settings.masterKey);
  const nodes = await openNodes(settings, deps, { audit, masterKey });
  const { features, ownEvents } = createFeatures(settings, deps, { audit, nodes, masterKey });
  const httpDeps: HttpDeps = {
    routes: [...webRoutes(readPageFiles()), ...siteRoutes(), ...apiRoutes({ ...features, auth })],
    authenticate: auth.authenticate,
    keptAnswers: createKeptAnswers({
      ...{ pool, newId, hashKey: derivedKey(masterKey, "idempotency") },
      onError: (error) => log.warn({ err: error }, "an answer was not kept"),
    }),
    onAnswered: metrics.request,
    log,
    version: VERSION,
    ready: () => readiness(deps),
    status: () => serverStatus({ ...deps, roles: settings.roles, audit }),
  };
  const http = createHttp(httpDeps, { tls: settings.tls, bodyLimit: bodyLimitOf(settings) });
  nodes.hub.attach(http.server, http.servesSocket);
  const { url } = await http.listen(settings.host, settings.port);
  const nodesHttp = await openNodesListener(settings, httpDeps, nodes);
  await retryOnConnectionLoss(() => deps.engine.processes.announce(url));
  const serverFile = join(settings.dataFolder, "server.json");
  writePrivateFile(
    serverFile,
    `${JSON.stringify({ url, pid: process.pid, started: deps.startedAt.toISOString() })}\n`,
  );
  return {
    url,
    admin,
    async leave(drainMs, haste) {
      http.leave();
      log.info({ drain_ms: drainMs }, "still answering, for those who do not know it yet");
      // Rejects for nothing but haste.
      await delay(drainMs, undefined, { signal: haste }).catch(() => undefined);
    },
    hurry: () => nodes.hub.hurry(),
    close: async (graceMs) => {
      rmSync(serverFile, { force: true });
      await nodes.close(graceMs);
      await nodesHttp?.close();
      await http.close();
      await ownEvents.close();
      lostCalls.close();
      await audit.close();
      await auth.close();
    },
  };
}

function openAudit(
  settings: Settings,
  { database, engine, log }: ApiDeps,
  admin: AdminToken,
): Audit {
  return createAudit(
    {
      database,
      dataFolder: settings.dataFolder,
      newId,
      now: Date.now,
      processId: engine.processes.id,
      monotonicMs: () => performance.now(),
      log,
    },
    {
      secrets: [admin.token, settings.masterKey, settings.databaseUrl],
      keepMs: settings.keep.auditMs ?? Number.POSITIVE_INFINITY,
    },
  );
}

async function openNodes(
  { insecure, trustProxy, tls, limits }: Settings,
  { database, engine, metrics, log }: ApiDeps,
  { audit, masterKey }: { readonly audit: Audit; readonly masterKey: Buffer },
): Promise<NodesFeature> {
  const feature = await startNodes(
    {
      ...{ database, engine, audit, log, newId },
      metrics: metrics.nodes,
      jobs: createNodeJobs(
        {
          ...{ nodeWork: engine.nodeWork, audit, newId, now: Date.now },
          onError: (error, what) => log.warn({ err: error }, what),
        },
        { leaseMs: NODE_LEASE_MS, limits: attemptLimits(limits) },
      ),
      sealer: createSealer(masterKey),
      resumeKey: derivedKey(masterKey, "node resume"),
      random: randomBytes,
      now: Date.now,
      monotonicMs: () => performance.now(),
      host: hostname(),
    },
    { insecure, trustProxy, certPath: tls?.certPath },
  );
  metrics.nodes.readLinks(feature.hub.list);
  engine.nodeWork.explainBy(
    createExplainTarget({
      nodes: () => pairedNodes(feature),
      revoked: (name) => feature.registry.revoked(name),
      renamed: (name) => feature.registry.renamed(name),
    }),
  );
  return feature;
}

/** Those that are not revoked. */
function pairedNodes({ registry }: NodesFeature) {
  return registry.list({
    statuses: ["connected", "reconnecting", "draining", "disconnected", "never_seen"],
    labels: [],
    limit: MOST_NODES_EXPLAINED,
    after: undefined,
  });
}

/** Where nodes come that must not see the API: the upgrade and the swap of pairing tokens, and nothing beside. */
async function openNodesListener(
  settings: Settings,
  deps: HttpDeps,
  nodes: NodesFeature,
): Promise<Http | undefined> {
  const { nodesListener, tls } = settings;
  if (nodesListener === undefined) return undefined;
  const http = createHttp(
    { ...deps, routes: nodes.listenerRoutes() },
    {
      ...{ tls, isBare: true },
      bodyLimit: bodyLimitOf(settings),
    },
  );
  nodes.hub.attach(http.server);
  const { url } = await http.listen(nodesListener.host, nodesListener.port, {
    host: "YARD_NODES_HOST",
    port: "YARD_NODES_PORT",
  });
  deps.log.info({ url }, "nodes are served here, and nothing else");
  return http;
}

function bodyLimitOf({ limits }: Settings): BodyLimit {
  return { bytes: limits.bodyBytes, setting: "YARD_MAX_BODY" };
}

interface Shared {
  readonly audit: Audit;
  readonly nodes: NodesFeature;
  readonly masterKey: Buffer;
}

interface Features {
  readonly features: Omit<ApiFeatures, "auth">;
  readonly ownEvents: OwnEvents;
}

function createFeatures(
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
  const inbox = createInbox(
    {
      database,
      engine,
      rules,
      packs,
      readSecret: readSecretPlace(process.env),
      sealer: createSealer(masterKey),
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
  });
  const queues = createQueues({ engine, packs });
  const { sources } = inbox;
  return {
    features: {
      engine,
      stepFiles: createStepFiles({ pool, newId }),
      packs,
      rules,
      inbox,
      events,
      queues,
      metrics,
      audit,
      nodes,
      trials: createTrials({ rules, packs, engine, events }),
      replays: createReplays({ pool, engine, rules, events, onDecided: metrics.decided, newId }),
      doctor: createDoctor({
        ...{ dataFolder, database, engine, packs, sources, queues, audit, now },
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

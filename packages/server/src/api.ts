import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type ApiFeatures, apiRoutes } from "./api-routes.ts";
import { type Audit, createAudit } from "./audit/index.ts";
import { type AdminToken, createAuth, ensureAdminToken } from "./auth/index.ts";
import { type Database, retryOnConnectionLoss, writePrivateFile } from "./db/index.ts";
import { siteRoutes } from "./docs/index.ts";
import { createDoctor } from "./doctor/index.ts";
import type { RunningEngine } from "./engine/index.ts";
import { createEvents } from "./events/index.ts";
import { createHttp } from "./http/index.ts";
import { createInbox, readPackSecret } from "./inbox/index.ts";
import { newId } from "./new-id.ts";
import type { Packs } from "./packs/index.ts";
import { createQueues } from "./queues/index.ts";
import {
  createOwnEvents,
  createReplays,
  createRules,
  createTrials,
  type OwnEvents,
} from "./rules/index.ts";
import { createSealer, loadMasterKey } from "./secrets/index.ts";
import type { Settings } from "./settings/index.ts";
import { readiness, serverStatus } from "./status.ts";
import type { Logger, Metrics } from "./telemetry/index.ts";
import { VERSION } from "./version.ts";
import { readPageFiles, webRoutes } from "./web/index.ts";

export interface Api {
  readonly url: string;
  readonly admin: AdminToken;
  close(): Promise<void>;
}

export interface ApiDeps {
  readonly database: Database;
  readonly packs: Packs;
  readonly engine: RunningEngine;
  readonly metrics: Metrics;
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
  const { features, ownEvents } = createFeatures(settings, deps, audit);
  const http = createHttp({
    routes: [...webRoutes(readPageFiles()), ...siteRoutes(), ...apiRoutes({ ...features, auth })],
    authenticate: auth.authenticate,
    onAnswered: metrics.request,
    log,
    version: VERSION,
    ready: () => readiness(pool),
    status: () => serverStatus({ ...deps, roles: settings.roles, audit }),
  });
  const { url } = await http.listen(settings.host, settings.port);
  const serverFile = join(settings.dataFolder, "server.json");
  writePrivateFile(
    serverFile,
    `${JSON.stringify({ url, pid: process.pid, started: deps.startedAt.toISOString() })}\n`,
  );
  return {
    url,
    admin,
    close: async () => {
      rmSync(serverFile, { force: true });
      await http.close();
      await ownEvents.close();
      await audit.close();
      await auth.close();
    },
  };
}

function openAudit(settings: Settings, { database, log }: ApiDeps, admin: AdminToken): Audit {
  return createAudit(
    {
      database,
      dataFolder: settings.dataFolder,
      newId,
      now: Date.now,
      monotonicMs: () => performance.now(),
      log,
    },
    { secrets: [admin.token, settings.masterKey, settings.databaseUrl] },
  );
}

interface Features {
  readonly features: Omit<ApiFeatures, "auth">;
  readonly ownEvents: OwnEvents;
}

function createFeatures(
  settings: Settings,
  { database, packs, engine, metrics, log }: ApiDeps,
  audit: Audit,
): Features {
  const now = Date.now;
  const { pool } = database;
  const { dataFolder, loopDepth } = settings;
  const rules = createRules({ database, packs, engine, newId, now }, { loopDepth });
  const inbox = createInbox({
    database,
    engine,
    rules,
    packs,
    readSecret: readPackSecret(process.env),
    sealer: createSealer(loadMasterKey(dataFolder, settings.masterKey)),
    observer: metrics,
    newId,
    now,
  });
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
      packs,
      rules,
      inbox,
      events,
      queues,
      metrics,
      audit,
      trials: createTrials({ rules, packs, engine, events }),
      replays: createReplays({ pool, engine, rules, events, newId }),
      doctor: createDoctor({ dataFolder, database, engine, packs, sources, queues, audit, now }),
    },
    ownEvents: createOwnEvents({ pool, engine, rules, log, newId, now }),
  };
}

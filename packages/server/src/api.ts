import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type AdminToken, createAuth, ensureAdminToken, tokenRoutes } from "./auth/index.ts";
import { type Database, retryOnConnectionLoss, writePrivateFile } from "./db/index.ts";
import type { RunningEngine } from "./engine/index.ts";
import { createEvents, eventRoutes } from "./events/index.ts";
import { createHttp, type Route } from "./http/index.ts";
import { createInbox, readPackSecret, sourceRoutes, webhookRoute } from "./inbox/index.ts";
import { streamRoutes } from "./live/index.ts";
import { newId } from "./new-id.ts";
import { type Packs, packRoutes } from "./packs/index.ts";
import { createRules, ruleRoutes } from "./rules/index.ts";
import { runRoutes, sweepIdempotencyKeys } from "./runs/index.ts";
import { createSealer, loadMasterKey } from "./secrets/index.ts";
import type { Settings } from "./settings/index.ts";
import { serverStatus } from "./status.ts";
import type { Logger } from "./telemetry/index.ts";
import { VERSION } from "./version.ts";

const SWEEP_KEYS_EVERY_MS = 3_600_000;

export interface Api {
  readonly url: string;
  readonly admin: AdminToken;
  close(): Promise<void>;
}

export interface ApiDeps {
  readonly database: Database;
  readonly packs: Packs;
  readonly engine: RunningEngine;
  readonly startedAt: Date;
  readonly log: Logger;
}

/** Serves HTTP, and leaves the address in the data folder for `yard` on this machine. */
export async function startApi(settings: Settings, deps: ApiDeps): Promise<Api> {
  const { database, log } = deps;
  const { pool } = database;
  const admin = await retryOnConnectionLoss(() =>
    ensureAdminToken(
      { pool, dataFolder: settings.dataFolder, newId, random: randomBytes },
      settings.adminToken,
    ),
  );
  const auth = createAuth({ pool, newId, random: randomBytes });
  const http = createHttp({
    routes: [...featureRoutes(settings, deps), ...tokenRoutes(auth)],
    authenticate: auth.authenticate,
    log,
    version: VERSION,
    ready: async () => {
      await pool.query({ text: "SELECT 1" });
      return { status: "ready", reason: null };
    },
    status: () => serverStatus({ ...deps, roles: settings.roles }),
  });
  const { url } = await http.listen(settings.host, settings.port);
  const serverFile = join(settings.dataFolder, "server.json");
  writePrivateFile(
    serverFile,
    `${JSON.stringify({ url, pid: process.pid, started: deps.startedAt.toISOString() })}\n`,
  );
  const sweeps = setInterval(() => {
    sweepIdempotencyKeys(pool).catch((error: unknown) =>
      log.warn({ err: error }, "old idempotency keys stay"),
    );
  }, SWEEP_KEYS_EVERY_MS);
  return {
    url,
    admin,
    close: async () => {
      clearInterval(sweeps);
      rmSync(serverFile, { force: true });
      await http.close();
    },
  };
}

function featureRoutes(settings: Settings, { database, packs, engine }: ApiDeps): Route[] {
  const now = Date.now;
  const rules = createRules({ database, packs, engine, newId, now });
  const inbox = createInbox({
    database,
    engine,
    rules,
    packs,
    readSecret: readPackSecret(process.env),
    sealer: createSealer(loadMasterKey(settings.dataFolder, settings.masterKey)),
    newId,
    now,
  });
  const events = createEvents({
    database,
    engine,
    deliveryOf: inbox.delivery,
    decisionsOf: rules.decisionsOf,
  });
  return [
    ...runRoutes(engine),
    ...streamRoutes(engine.feed),
    ...packRoutes(packs),
    webhookRoute(inbox.receive),
    ...sourceRoutes(inbox.sources),
    ...ruleRoutes({ rules, events }),
    ...eventRoutes({ events, accept: inbox.acceptCloudEvent }),
  ];
}

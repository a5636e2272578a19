import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Audit, createAudit, endLostCalls, lockLostCalls } from "../audit/index.ts";
import { type AdminToken, createAuth, ensureAdminToken } from "../auth/index.ts";
import { isConnectionLoss, retryOnConnectionLoss, writePrivateFile } from "../db/index.ts";
import { siteRoutes } from "../docs/index.ts";
import { type BodyLimit, createHttp, type HttpDeps } from "../http/index.ts";
import { createKeptAnswers } from "../idempotency/index.ts";
import { mcpRoutes } from "../mcp/index.ts";
import { newId } from "../new-id.ts";
import { derivedKey, loadMasterKey } from "../sealing/index.ts";
import type { Settings } from "../settings/index.ts";
import { readiness, serverStatus } from "../status.ts";
import { VERSION } from "../version.ts";
import { readPageFiles, webRoutes } from "../web/index.ts";
import type { ApiDeps } from "./api.types.ts";
import { createFeatures } from "./api-features.ts";
import { openNodes, openNodesListener } from "./api-nodes.ts";
import { apiRoutes } from "./api-routes.ts";

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
  const routes = apiRoutes({ ...features, auth });
  const tools = mcpRoutes({
    ...{ routes, newId, version: VERSION },
    engine: deps.engine,
    packs: deps.packs,
    inject: (request) => http.inject(request),
    onError: (error) => log.error({ err: error }, "a tool broke"),
  });
  const httpDeps: HttpDeps = {
    routes: [...webRoutes(readPageFiles()), ...siteRoutes(), ...routes, ...tools],
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
  const bodyLimit = bodyLimitOf(settings);
  const http = createHttp(httpDeps, { tls: settings.tls, bodyLimit });
  nodes.hub.attach(http.server, http.servesSocket);
  const { url } = await http.listen(settings.host, settings.port);
  const nodesHttp = await openNodesListener(settings, httpDeps, nodes, bodyLimit);
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

function bodyLimitOf({ limits }: Settings): BodyLimit {
  return { bytes: limits.bodyBytes, setting: "YARD_MAX_BODY" };
}

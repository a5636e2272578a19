import { randomBytes } from "node:crypto";
import { createAuth } from "../auth/index.ts";
import type { Database } from "../db/index.ts";
import type { RunningEngine } from "../engine/index.ts";
import { createHttp } from "../http/index.ts";
import { newId } from "../new-id.ts";
import type { Settings } from "../settings/index.ts";
import { readiness, serverStatus } from "../status.ts";
import { type Logger, type Metrics, metricsRoute } from "../telemetry/index.ts";
import { VERSION } from "../version.ts";

export interface WorkerHttpDeps {
  readonly database: Database;
  readonly engine: RunningEngine;
  readonly metrics: Metrics;
  readonly startedAt: Date;
  readonly log: Logger;
}

/** What a process without the role `api` serves where YARD_WORKER_PORT asks for it: its health and its metrics. */
export async function startWorkerHttp(
  { host, workerPort, roles }: Settings,
  deps: WorkerHttpDeps,
): Promise<{ close(): Promise<void> } | undefined> {
  if (workerPort === undefined) return undefined;
  const { database, metrics, log } = deps;
  const auth = await createAuth({ database, newId, random: randomBytes });
  const http = createHttp({
    routes: [metricsRoute(metrics)],
    authenticate: auth.authenticate,
    onAnswered: metrics.request,
    log,
    version: VERSION,
    ready: () => readiness(deps),
    status: () => serverStatus({ ...deps, roles }),
  });
  const { url } = await http.listen(host, workerPort, {
    host: "YARD_HOST",
    port: "YARD_WORKER_PORT",
  });
  log.info({ url }, "health and metrics are served");
  return {
    async close() {
      await http.close();
      await auth.close();
    },
  };
}

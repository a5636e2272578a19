import {
  healthSchema,
  type Readiness,
  readinessSchema,
  type ServerStatus,
  serverStatusSchema,
} from "@yardmaster/protocol";
import type { Route } from "./route.ts";

export interface HealthDeps {
  /** Whether the database answers and the engine runs. May reject: that is unready too. */
  readonly ready: () => Promise<Readiness>;
  readonly status: () => Promise<ServerStatus>;
}

export function healthRoutes({ ready, status }: HealthDeps): Route[] {
  const healthz: Route = {
    method: "GET",
    path: "/healthz",
    summary: "Whether the process is alive.",
    scope: "open",
    responses: { 200: { description: "Alive", schema: healthSchema } },
    handler: () => ({ body: { status: "ok" } }),
  };

  const readyz: Route = {
    method: "GET",
    path: "/readyz",
    summary: "Whether the server can take work: the database answers and the engine runs.",
    scope: "open",
    responses: {
      200: { description: "Ready", schema: readinessSchema },
      503: { description: "Not ready, and why", schema: readinessSchema },
    },
    async handler() {
      const readiness = await ready().catch(unready);
      return readiness.status === "ready"
        ? { body: readiness }
        : { status: 503, headers: { "retry-after": "1" }, body: readiness };
    },
  };

  const statusRoute: Route = {
    method: "GET",
    path: "/v1/status",
    summary: "The server, its database, the living processes and what waits in the queues.",
    scope: "status:read",
    responses: { 200: { description: "As of now", schema: serverStatusSchema } },
    handler: async () => ({ body: await status() }),
  };

  return [healthz, readyz, statusRoute];
}

/** The route is open to all, so what broke is not told. */
function unready(): Readiness {
  return { status: "unready", reason: "The database does not answer" };
}

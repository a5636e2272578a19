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

/** A probe that gets no answer tells nothing; PostgreSQL may take a connection and then be silent. */
const READY_WITHIN_MS = 2_000;

export function healthRoutes({ ready, status }: HealthDeps): Route[] {
  const readiness = readyWithin(ready, READY_WITHIN_MS);
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
      const body = await readiness();
      return body.status === "ready"
        ? { body }
        : { status: 503, headers: { "retry-after": "1" }, body };
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

/** Probes at the same time, and those that come while one is without an answer, share a look. */
function readyWithin(ready: () => Promise<Readiness>, withinMs: number): () => Promise<Readiness> {
  let looking: Promise<Readiness> | undefined;

  function look(): Promise<Readiness> {
    looking ??= ready()
      .catch(unready)
      .finally(() => {
        looking = undefined;
      });
    return looking;
  }

  return async () => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Readiness>((resolve) => {
      timer = setTimeout(() => resolve(silent(withinMs)), withinMs);
    });
    return await Promise.race([look(), late]).finally(() => clearTimeout(timer));
  };
}

function silent(withinMs: number): Readiness {
  const reason = `The database has not answered within ${withinMs / 1_000} s`;
  return { status: "unready", reason };
}

/** The route is open to all, so what broke is not told. */
function unready(): Readiness {
  return { status: "unready", reason: "The database does not answer" };
}

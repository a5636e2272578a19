import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "../db/index.ts";
import { traceIdOf } from "./trace.ts";

/** A request whose answer is out. */
export interface AnsweredRequest {
  readonly method: string;
  /** Of the route's description; undefined where no route was met. */
  readonly route: string | undefined;
  readonly status: number;
  readonly durationMs: number;
}

export interface AnsweredDeps {
  /** Without `isLevelEnabled` every level counts as enabled. */
  readonly log: Log & { isLevelEnabled?(level: string): boolean };
  readonly onAnswered?: ((answered: AnsweredRequest) => void) | undefined;
}

const USUAL_METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Tells of each request when its answer is out: to the metrics, and to the log at level debug. */
export function tellAnswered(app: FastifyInstance, { log, onAnswered }: AnsweredDeps): void {
  /** `/v1/runs/:id` of fastify to `/v1/runs/{id}` of the description, made once for each. */
  const paths = new Map<string, string>();

  function pathOf(pattern: string): string {
    const known = paths.get(pattern);
    if (known !== undefined) return known;
    const path = pattern.replaceAll(/:(\w+)/g, "{$1}");
    paths.set(pattern, path);
    return path;
  }

  function onResponse(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    const pattern = request.routeOptions.url;
    const answered = {
      method: USUAL_METHODS.has(request.method) ? request.method : "(other)",
      route: pattern === undefined ? undefined : pathOf(pattern),
      status: reply.raw.statusCode,
      durationMs: reply.elapsedTime,
    };
    onAnswered?.(answered);
    if (log.isLevelEnabled?.("debug") !== false) log.debug(lineOf(answered, request), "answered");
    done();
  }

  app.addHook("onResponse", onResponse);
}

/** Without the query and the headers: they are the caller's, and may hold what is no log's business. */
function lineOf({ method, status, durationMs }: AnsweredRequest, request: FastifyRequest): object {
  return {
    request_id: request.id,
    trace_id: traceIdOf(request.made ?? request.raw.headers["traceparent"]),
    method,
    path: pathnameOf(request.url),
    status,
    duration_ms: Math.round(durationMs * 10) / 10,
    by: request.principal?.name,
  };
}

export function pathnameOf(url: string): string {
  const cut = url.indexOf("?");
  return cut < 0 ? url : url.slice(0, cut);
}

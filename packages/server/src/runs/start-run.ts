import { MAX_WAIT_S, runSchema, startRunSchema } from "@yardmaster/protocol";
import type { Engine, RunRecord, RunRequest } from "../engine/index.ts";
import type { Route, RouteReply, RouteRequest } from "../http/index.ts";
import { REPLAYED_HEADER } from "../idempotency/index.ts";
import { type BrokenPacks, refuseWithPack } from "./broken-pack.ts";
import { commitRun, existingRun } from "./commit-run.ts";
import { MCP_ORIGIN, ORIGIN_HEADER } from "./origin.ts";
import { preferredWaitS } from "./prefer.ts";

/** Headers of the answer. */
const TOLD = { location: "Where the run is", "preference-applied": "How long it waited at most" };

type StartRoute = { body: typeof startRunSchema };

/** `POST /v1/runs`. Every step here is paid by every run: no query of its own, no signal unless it waits. */
export function startRunRoute(engine: Engine, packs: BrokenPacks): Route<StartRoute> {
  return {
    method: "POST",
    path: "/v1/runs",
    summary: "Starts a run of an action or workflow.",
    description: `Answers 202 as soon as the run is durable. With "Prefer: wait=N" (RFC 7240; N up to ${MAX_WAIT_S} seconds) it answers 200 with the finished run where it ends in time.

With an Idempotency-Key the same request again within 24 hours gets the first run; another request under the key is refused.`,
    scope: "runs:write",
    idempotency: "own",
    body: startRunSchema,
    requestHeaders: {
      prefer: `wait=N: to wait for the end, up to ${MAX_WAIT_S} seconds`,
      [ORIGIN_HEADER]: `${MCP_ORIGIN}: the run says that a tool of /mcp started it`,
    },
    responses: {
      200: { description: "The run, which has ended", schema: runSchema, headers: TOLD },
      202: { description: "The run, which goes on", schema: runSchema, headers: TOLD },
    },
    async handler(request) {
      const waitS = preferredWaitS(request.headers["prefer"]);
      const ready = prepared(engine, packs, {
        ref: request.body.ref,
        input: request.body.input ?? {},
        createdBy: createdBy(request),
        ...(request.traceparent !== undefined && { traceparent: request.traceparent }),
      });
      const run = ready instanceof Promise ? await ready : ready;
      const id = await commitRun(engine, run, request, [
        request.body.ref,
        request.body.input ?? {},
      ]);
      const headers: Record<string, string> = { location: `/v1/runs/${id}` };
      if (id !== run.id) headers[REPLAYED_HEADER] = "true";
      // What the birth says need not be asked for: a query for each run started would cost as much as its commit.
      const born = id === run.id ? run.born : undefined;
      if (waitS === undefined) return accepted(headers, born ?? (await existingRun(engine, id)));
      if (born?.finished_at) return { headers: { ...headers, ...applied(waitS) }, ...told(born) };
      Object.assign(headers, applied(waitS));
      const ended = await waitForEnd(engine, id, { waitMs: waitS * 1_000, request });
      return ended === undefined
        ? accepted(headers, await existingRun(engine, id))
        : { headers, ...told(ended) };
    },
  };
}

/** Not async: where all is well it costs no turn of the event loop. */
function prepared(engine: Engine, packs: BrokenPacks, wanted: RunRequest) {
  try {
    return engine.prepare(wanted);
  } catch (error) {
    return refuseWithPack(error, wanted.ref, packs);
  }
}

/** A label for people: whoever holds the token may have said it. */
function createdBy({ principal, headers }: RouteRequest<StartRoute>): string {
  const via = headers[ORIGIN_HEADER] === MCP_ORIGIN ? ` via ${MCP_ORIGIN}` : "";
  return `token:${principal.name}${via}`;
}

function applied(waitS: number): Record<string, string> {
  return { "preference-applied": `wait=${waitS}` };
}

/** Most runs of callers that wait end within this; only longer ones pay for a signal, a fifth of a request. */
const QUICK_MS = 100;

async function waitForEnd(
  engine: Engine,
  id: string,
  { waitMs, request }: { readonly waitMs: number; readonly request: RouteRequest<StartRoute> },
): Promise<RunRecord | undefined> {
  if (waitMs === 0) return undefined;
  const quick = await engine.waitForEnd(id, Math.min(waitMs, QUICK_MS));
  if (quick !== undefined || waitMs <= QUICK_MS) return quick;
  const { signal } = request;
  return signal.aborted ? undefined : engine.waitForEnd(id, waitMs - QUICK_MS, signal);
}

function accepted(headers: Record<string, string>, run: RunRecord): RouteReply {
  return { status: 202, headers, ...told(run) };
}

function told(run: RunRecord): Pick<RouteReply, "body" | "traceparent"> {
  return { body: run, traceparent: run.traceparent ?? undefined };
}

import {
  idSchema,
  type RetryPlan,
  retriedSchema,
  retryPlanSchema,
  retryRunSchema,
  retryRunsSchema,
  runSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Engine, PreparedRun, RunRecord } from "../engine/index.ts";
import type { Route, RouteRequest } from "../http/index.ts";
import { REPLAYED_HEADER } from "../idempotency/index.ts";
import { commitRun, existingRun } from "./commit-run.ts";
import { retryRuns } from "./retry-runs.ts";
import { TOLD_OF, toldRun } from "./told-run.ts";

const params = z.strictObject({ id: idSchema });
type OneRun = { params: typeof params };
type Retry = { params: typeof params; body: typeof retryRunSchema };

/** Trying again, alone and in bulk; pausing and going on. */
export function repairRoutes(engine: Engine): Route[] {
  return [
    retryManyRoute(engine),
    retryRoute(engine),
    heldRoute(
      "pause",
      "Holds a run: what runs goes on, nothing more of it is started.",
      engine.pause,
    ),
    heldRoute("resume", "Lets a paused run go on.", engine.resume),
  ];
}

function retryRoute(engine: Engine): Route<Retry> {
  return {
    method: "POST",
    path: "/v1/runs/{id}/retry",
    summary: "Starts a new try of an ended run.",
    description: `The new run has \`retry_of\`, the same input and the same pack, and begins at what made the first one fail: it takes over (\`reused\`) the steps that succeeded, and the failures that the workflow has an answer to (\`on_error\`) and the run went on with. Of a \`for_each\` with items that failed it takes over the others, of a \`repeat\` the rounds before the one that failed, where they work on the same as before. A step that is a run of its own and failed starts as a whole new run.

A run that is a step of another is tried by itself: the new run has no parent, and the run whose step it was never hears of it. To go on with that one, try it again instead.

With an Idempotency-Key the same request again within 24 hours gets the first one.

${TOLD_OF}`,
    scope: "runs:write",
    idempotency: "own",
    params,
    body: retryRunSchema,
    responses: {
      200: { description: "With `dry_run`: what would be done", schema: retryPlanSchema },
      202: {
        description: "The new run",
        schema: runSchema,
        headers: { location: "Where the run is" },
      },
    },
    async handler(request) {
      const { from, from_start, latest, dry_run: isDryRun = false } = request.body;
      const run = await engine.prepareRetry(request.params.id, {
        by: byOf(request),
        isDryRun,
        ...(from !== undefined && { from }),
        ...(from_start !== undefined && { fromStart: from_start }),
        ...(latest !== undefined && { latest }),
      });
      if (isDryRun) return { body: await planOf(engine, request.params.id, run) };
      const id = await commitRun(engine, run, request, ["retry", request.params.id, request.body]);
      const headers = {
        location: `/v1/runs/${id}`,
        ...(id !== run.id && { [REPLAYED_HEADER]: "true" }),
      };
      const made = await existingRun(engine, id);
      return { status: 202, headers, body: toldRun(made, request.principal) };
    },
  };
}

async function planOf(engine: Engine, id: string, { taken }: PreparedRun): Promise<RetryPlan> {
  const { ref } = await existingRun(engine, id);
  const { steps = [], parts = [] } = taken ?? {};
  return { dry_run: true, id, ref, reused: [...steps], reused_parts: [...parts] };
}

function retryManyRoute(engine: Engine): Route<{ body: typeof retryRunsSchema }> {
  return {
    method: "POST",
    path: "/v1/runs/retry",
    summary: "Tries ended runs again, chosen by a filter; with `dry_run` it only tells which.",
    description:
      "With neither a filter nor `all: true` it is refused, so that an empty body does not try every failed run again. Runs that were tried again already are left out, so the same request again does no harm. So are runs that are steps of others, whose work is done by the new try of their parent; with `parent` they are chosen, and tried by themselves.",
    scope: "runs:write",
    idempotency: "repeatable",
    body: retryRunsSchema,
    responses: { 200: { description: "What was tried again", schema: retriedSchema } },
    handler: async (request) => ({
      body: await retryRuns(engine, request.body, byOf(request)),
    }),
  };
}

function heldRoute(
  word: "pause" | "resume",
  summary: string,
  act: (id: string, by: string) => Promise<RunRecord>,
): Route<OneRun> {
  return {
    method: "POST",
    path: `/v1/runs/{id}/${word}`,
    summary,
    scope: "runs:write",
    idempotency: "repeatable",
    params,
    responses: { 200: { description: "The run as it is now", schema: runSchema } },
    description: TOLD_OF,
    handler: async (request) => ({
      body: toldRun(await act(request.params.id, byOf(request)), request.principal),
    }),
  };
}

function byOf({ principal }: Pick<RouteRequest<OneRun>, "principal">): string {
  return `token:${principal.name}`;
}

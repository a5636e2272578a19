import {
  AppError,
  explanationSchema,
  idSchema,
  listRunsSchema,
  listStepsSchema,
  runSchema,
  stepSchema,
  verificationSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Engine } from "../engine/index.ts";
import type { Route } from "../http/index.ts";
import { idCursor, pageReply } from "../paging/index.ts";
import type { BrokenPacks } from "./broken-pack.ts";
import { logsRoute } from "./logs.route.ts";
import { repairRoutes } from "./repair.routes.ts";
import { engineFilter } from "./run-filter.ts";
import { startRunRoute } from "./start-run.ts";
import { stepPage } from "./step-page.ts";
import { TOLD_OF, toldRun } from "./told-run.ts";

const params = z.strictObject({ id: idSchema });
type OneRun = { params: typeof params };

/** `/v1/runs` over the engine. `packs` says why a ref may be unknown: its pack is broken. */
export function runRoutes(engine: Engine, packs: BrokenPacks): Route[] {
  return [
    startRunRoute(engine, packs),
    listRoute(engine),
    getRoute(engine),
    stepsRoute(engine),
    logsRoute(engine),
    explainRoute(engine),
    verifyRoute(engine),
    cancelRoute(engine),
    ...repairRoutes(engine),
  ];
}

function listRoute(engine: Engine): Route<{ query: typeof listRunsSchema }> {
  return {
    method: "GET",
    path: "/v1/runs",
    summary: "Runs, newest first.",
    description:
      "A page ends early, with its `Link`, where the inputs and outputs on it come to 8 MiB; it may be empty where `status` leaves nothing of them. With `payloads=false` it has none of them.",
    scope: "runs:read",
    query: listRunsSchema,
    responses: { 200: { description: "A page of runs", schema: z.array(runSchema) } },
    async handler({ query: { limit, cursor, payloads, roots, ...filter }, url }) {
      const before = idCursor(cursor);
      const page = await engine.runs({
        limit,
        ...(before !== undefined && { before }),
        ...engineFilter(filter),
        rootsOnly: roots,
        ...(payloads === "false" && { payloads: false }),
      });
      return pageReply(page, url);
    },
  };
}

function getRoute(engine: Engine): Route<OneRun> {
  return {
    method: "GET",
    path: "/v1/runs/{id}",
    summary: "One run, with its input and, when it has ended, its output or error.",
    scope: "runs:read",
    params,
    responses: { 200: { description: "The run", schema: runSchema } },
    handler: async ({ params: { id } }) => ({ body: found(id, await engine.run(id)) }),
  };
}

function stepsRoute(engine: Engine): Route<OneRun & { query: typeof listStepsSchema }> {
  return {
    method: "GET",
    path: "/v1/runs/{id}/steps",
    summary: "The steps of a run with their attempts, in the order of the definition.",
    description:
      "`limit` counts the items of a `for_each`, the rounds of a `repeat`, and steps that have none. A step whose items do not all fit goes on, under its id, on the next page. A page also ends where what is on it comes to 8 MiB.",
    scope: "runs:read",
    params,
    query: listStepsSchema,
    responses: { 200: { description: "A page of the steps", schema: z.array(stepSchema) } },
    async handler({ params: { id }, query, url }) {
      return pageReply(stepPage(found(id, await engine.steps(id)), query), url);
    },
  };
}

function explainRoute(engine: Engine): Route<OneRun> {
  return {
    method: "GET",
    path: "/v1/runs/{id}/explain",
    summary: "Why a run is where it is, and what would unblock it.",
    scope: "runs:read",
    params,
    responses: { 200: { description: "The explanation", schema: explanationSchema } },
    handler: async ({ params: { id } }) => ({ body: found(id, await engine.explain(id)) }),
  };
}

function verifyRoute(engine: Engine): Route<OneRun> {
  return {
    method: "GET",
    path: "/v1/runs/{id}/verify",
    summary: "Runs the interpreter again over a run's recorded history and compares the decisions.",
    scope: "runs:read",
    params,
    responses: { 200: { description: "Whether they are the same", schema: verificationSchema } },
    handler: async ({ params: { id } }) => ({ body: found(id, await engine.verify(id)) }),
  };
}

function cancelRoute(engine: Engine): Route<OneRun> {
  return {
    method: "POST",
    path: "/v1/runs/{id}/cancel",
    summary:
      "Asks a run to stop. Its attempts are told; it ends as canceled when they have stopped.",
    description: `A run that is paused goes on with its cleanup, so that it ends. A run whose steps are over and whose \`finally\` runs ends as it had to: its cancel comes too late, and is answered with 409 \`conflict\`.

${TOLD_OF}`,
    scope: "runs:write",
    idempotency: "repeatable",
    params,
    responses: { 202: { description: "The run as it is now", schema: runSchema } },
    handler: async ({ params: { id }, principal }) => ({
      status: 202,
      body: toldRun(await engine.cancel(id, `token:${principal.name}`), principal),
    }),
  };
}

function found<T>(id: string, value: T | undefined): T {
  if (value === undefined) throw new AppError("not_found", `There is no run ${id}`);
  return value;
}

import {
  AppError,
  changeTaskSchema,
  createdTaskSchema,
  createTaskSchema,
  listTasksSchema,
  pageFields,
  previewTaskSchema,
  runSchema,
  type Task,
  taskExplanationSchema,
  taskPreviewSchema,
  taskSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Principal, Route, RouteRequest } from "../http/index.ts";
import { idCursor, pageReply } from "../paging/index.ts";
import { refuseUnknown, type SaidFields } from "./read-task.ts";
import { by, type OneTask, params, verbRoutes } from "./task-verbs.routes.ts";
import type { Tasks } from "./tasks.ts";

const NAMED = "By its id, or by the name of one that a pack defines.";
const ETAG = { etag: "Its version, for If-Match" };
const IF_MATCH = { "if-match": "The version that it must still have, as the ETag gave it" };

/** `/v1/tasks`. */
export function taskRoutes(tasks: Tasks): Route[] {
  return [...readingRoutes(tasks), ...writingRoutes(tasks), ...verbRoutes(tasks)];
}

function readingRoutes(tasks: Tasks): Route[] {
  const list: Route<{ query: typeof listTasksSchema }> = {
    method: "GET",
    path: "/v1/tasks",
    summary: "Lists tasks, newest first: those of packs, and those that people have made.",
    scope: "tasks:read",
    query: listTasksSchema,
    responses: { 200: { description: "A page of tasks", schema: z.array(taskSchema) } },
    async handler({ query: { limit, cursor, status, schedule_kind, created_by, q }, url }) {
      const filter = { status, kind: schedule_kind, createdBy: created_by, q };
      return pageReply(await tasks.list({ ...filter, limit, before: idCursor(cursor) }), url);
    },
  };

  const get: Route<OneTask> = {
    method: "GET",
    path: "/v1/tasks/{id}",
    summary: "Shows a task.",
    description: NAMED,
    scope: "tasks:read",
    params,
    responses: { 200: { description: "The task", schema: taskSchema, headers: ETAG } },
    handler: async ({ params: { id } }) => tagged(await tasks.get(id)),
  };

  const runsQuery = z.strictObject(pageFields);
  const runs: Route<OneTask & { query: typeof runsQuery }> = {
    method: "GET",
    path: "/v1/tasks/{id}/runs",
    summary: "Lists the runs that a task has started, newest first.",
    description:
      "A page may have fewer than its limit, where fires of it have started none, and still have a next.",
    scope: "runs:read",
    params,
    query: runsQuery,
    responses: { 200: { description: "A page of runs", schema: z.array(runSchema) } },
    handler: async ({ params: { id }, query, url }) => pageReply(await tasks.runs(id, query), url),
  };

  const preview: Route<OneTask & { query: typeof previewTaskSchema }> = {
    method: "GET",
    path: "/v1/tasks/{id}/preview",
    summary: "Says when a task is due next, and what its run would be given.",
    scope: "tasks:read",
    params,
    query: previewTaskSchema,
    responses: { 200: { description: "The preview", schema: taskPreviewSchema } },
    handler: async ({ params: { id }, query }) => ({ body: await tasks.preview(id, query) }),
  };

  const explain: Route<OneTask> = {
    method: "GET",
    path: "/v1/tasks/{id}/explain",
    summary: "Says when a task is due and why not, and what would change that.",
    scope: "tasks:read",
    params,
    responses: { 200: { description: "The explanation", schema: taskExplanationSchema } },
    handler: async ({ params: { id } }) => ({ body: await tasks.explain(id) }),
  };

  return [list, get, runs, preview, explain];
}

function writingRoutes(tasks: Tasks): Route[] {
  const create: Route<{ body: typeof createTaskSchema }> = {
    method: "POST",
    path: "/v1/tasks",
    summary: "Makes a task.",
    description:
      "What is wrong with it is told all at once, with 422. Fields that would have no effect are refused by their names.",
    scope: "tasks:create",
    body: createTaskSchema,
    responses: {
      201: {
        description: "The task, with its next times",
        schema: createdTaskSchema,
        headers: ETAG,
      },
    },
    async handler({ body: { created_by, ...said }, principal }) {
      refuseUnknown(said, false);
      const who = { by: by(principal), owner: ownerOf(created_by, principal) };
      const task = await tasks.create(said as SaidFields, who);
      return { status: 201, ...tagged(task) };
    },
  };

  const preview: Route<{ query: typeof previewTaskSchema; body: typeof createTaskSchema }> = {
    method: "POST",
    path: "/v1/tasks/preview",
    summary: "Says when a task would be due, and what its run would be given, without making it.",
    scope: "tasks:read",
    idempotency: "harmless",
    query: previewTaskSchema,
    body: createTaskSchema,
    responses: { 200: { description: "The preview", schema: taskPreviewSchema } },
    async handler({ body: { created_by: _, ...said }, query }) {
      refuseUnknown(said, false);
      return { body: tasks.previewSaid(said as SaidFields, query) };
    },
  };

  const change: Route<OneTask & { body: typeof changeTaskSchema }> = {
    method: "PATCH",
    path: "/v1/tasks/{id}",
    summary: "Changes a task; what is left out stays.",
    description:
      "It is checked again as a whole. With another schedule it is due by that from now on. One that a pack defines is changed there.",
    scope: "tasks:update",
    requestHeaders: IF_MATCH,
    params,
    body: changeTaskSchema,
    responses: { 200: { description: "The task", schema: taskSchema, headers: ETAG } },
    async handler({ params: { id }, body, headers, principal }) {
      refuseUnknown(body, true);
      const said = (is: SaidFields): SaidFields =>
        ({ ...is, ...exprOf(is, body.schedule_kind), ...body }) as SaidFields;
      return tagged(
        await tasks.change(id, said, { by: by(principal), version: versionIn(headers) }),
      );
    },
  };

  const replace: Route<OneTask & { body: typeof createTaskSchema }> = {
    method: "PUT",
    path: "/v1/tasks/{id}",
    summary: "Says all of a task anew; what is left out is as in a new one.",
    description: "It keeps its id, who made it, and where its series begins unless it says so.",
    scope: "tasks:update",
    requestHeaders: IF_MATCH,
    params,
    body: createTaskSchema,
    responses: { 200: { description: "The task", schema: taskSchema, headers: ETAG } },
    async handler({ params: { id }, body: { created_by, ...said }, headers, principal }) {
      refuseUnknown(said, false);
      ownerOf(created_by, principal);
      const who = { by: by(principal), version: versionIn(headers) };
      return tagged(await tasks.change(id, () => said as SaidFields, who));
    },
  };

  const remove: Route<OneTask> = {
    method: "DELETE",
    path: "/v1/tasks/{id}",
    summary: "Deletes a task. What it has started stays.",
    scope: "tasks:delete",
    params,
    responses: { 204: { description: "Gone" } },
    async handler({ params: { id }, principal }) {
      await tasks.remove(id, by(principal));
      return { status: 204 };
    },
  };

  return [create, preview, change, replace, remove];
}

function tagged(task: Task): { readonly headers: { readonly etag: string }; readonly body: Task } {
  return { headers: { etag: `"${task.version}"` }, body: task };
}

/** @throws AppError `forbidden` where it is somebody else's, and the token is no administrator's */
function ownerOf(given: string | undefined, principal: Principal): string {
  const own = by(principal);
  if (given === undefined || given === own || given === principal.name) return own;
  if (principal.scopes.includes("admin"))
    return given.startsWith("token:") ? given : `token:${given}`;
  throw new AppError("forbidden", "created_by names somebody else, which needs the scope admin.");
}

/** The expression of another kind is none of this one: it is said anew, and a manual task has none. */
function exprOf(is: SaidFields, kind: SaidFields["schedule_kind"] | undefined) {
  return kind === undefined || kind === is.schedule_kind ? {} : { schedule_expr: "" };
}

/** @throws AppError `invalid_request` */
function versionIn(headers: RouteRequest["headers"]): number | undefined {
  const given = headers["if-match"];
  if (given === undefined || given === "*") return undefined;
  const [, version] = /^(?:W\/)?"(\d{1,15})"$/.exec(given) ?? [];
  if (version !== undefined) return Number(version);
  throw new AppError("invalid_request", `If-Match is not an ETag of a task, such as "3".`);
}

import {
  changeWorkItemSchema,
  explanationSchema,
  idSchema,
  listWorkItemsSchema,
  nameSchema,
  putWorkOrderSchema,
  type WorkItem,
  type WorkOrder,
  workItemDetailSchema,
  workItemSchema,
  workOrderSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Principal, Route } from "../http/index.ts";
import { idCursor, pageReply } from "../paging/index.ts";
import type { Work } from "./work.ts";

const params = z.strictObject({ id: idSchema });
type One = { params: typeof params };
const orderParams = z.strictObject({ tracker: nameSchema });
type OneOrder = { params: typeof orderParams };

/** `/v1/work-orders` and `/v1/work-items`. */
export function workRoutes(work: Work): Route[] {
  return [...orderRoutes(work), ...readingRoutes(work), ...verbRoutes(work)];
}

function orderRoutes(work: Work): Route[] {
  const list: Route = {
    method: "GET",
    path: "/v1/work-orders",
    summary: "Lists what is done with the issues of trackers.",
    scope: "work:read",
    pagedBy: ({ tracker }: WorkOrder) => tracker,
    responses: {
      200: { description: "A page of orders, by tracker", schema: z.array(workOrderSchema) },
    },
    handler: async () => ({ body: await work.orders.list() }),
  };
  const get: Route<OneOrder> = {
    method: "GET",
    path: "/v1/work-orders/{tracker}",
    summary: "Shows what is done with the issues of a tracker.",
    scope: "work:read",
    params: orderParams,
    responses: { 200: { description: "The order", schema: workOrderSchema } },
    handler: async ({ params: { tracker } }) => ({ body: await work.orders.get(tracker) }),
  };
  const put: Route<OneOrder & { body: typeof putWorkOrderSchema }> = {
    method: "PUT",
    path: "/v1/work-orders/{tracker}",
    summary: "Says what is done with the issues of a tracker that are assigned to its bot.",
    description:
      "From then on each such issue is a work item: it waits for what blocks it, and is then worked on by a run. What was assigned before is not heard of; assign it anew.",
    scope: "work:write",
    params: orderParams,
    body: putWorkOrderSchema,
    responses: { 200: { description: "The order", schema: workOrderSchema } },
    handler: async ({ params: { tracker }, body, principal }) => ({
      body: await work.orders.put(tracker, body, by(principal)),
    }),
  };
  const remove: Route<OneOrder> = {
    method: "DELETE",
    path: "/v1/work-orders/{tracker}",
    summary: "Makes no more work of a tracker's issues. Refused while items are not over.",
    scope: "work:write",
    params: orderParams,
    responses: { 204: { description: "Gone" } },
    async handler({ params: { tracker }, principal }) {
      await work.orders.remove(tracker, by(principal));
      return { status: 204 };
    },
  };
  return [list, get, put, remove];
}

function readingRoutes(work: Work): Route[] {
  const list: Route<{ query: typeof listWorkItemsSchema }> = {
    method: "GET",
    path: "/v1/work-items",
    summary: "Lists the issues that the bot works on, the newest first.",
    scope: "work:read",
    query: listWorkItemsSchema,
    responses: { 200: { description: "A page of items", schema: z.array(workItemSchema) } },
    async handler({ query: { cursor, ready, ...filter }, url }) {
      const before = cursor === undefined ? undefined : idCursor(cursor);
      const isReady = ready === undefined ? undefined : ready === "true";
      return pageReply(await work.list({ ...filter, ready: isReady, before }), url);
    },
  };
  const get: Route<One> = {
    method: "GET",
    path: "/v1/work-items/{id}",
    summary: "Shows a work item, with the body of its issue and its tries.",
    scope: "work:read",
    params,
    responses: { 200: { description: "The item", schema: workItemDetailSchema } },
    handler: async ({ params: { id } }) => ({ body: await work.get(id) }),
  };
  const explain: Route<One> = {
    method: "GET",
    path: "/v1/work-items/{id}/explain",
    summary: "Says why an item is where it is, its place in line, and what would let it go on.",
    scope: "work:read",
    params,
    responses: { 200: { description: "The explanation", schema: explanationSchema } },
    handler: async ({ params: { id } }) => ({ body: await work.explain(id) }),
  };
  return [list, get, explain];
}

function verbRoutes(work: Work): Route[] {
  const verb = (
    word: "retry" | "cancel",
    said: { readonly summary: string; readonly description: string },
    act: (id: string, by: string) => Promise<WorkItem>,
  ): Route<One> => ({
    method: "POST",
    path: `/v1/work-items/{id}/${word}`,
    ...said,
    scope: "work:write",
    idempotency: "kept",
    params,
    responses: { 200: { description: "The item", schema: workItemSchema } },
    handler: async ({ params: { id }, principal }) => ({ body: await act(id, by(principal)) }),
  });
  const change: Route<One & { body: typeof changeWorkItemSchema }> = {
    method: "PATCH",
    path: "/v1/work-items/{id}",
    summary: "Says how soon an item is worked on among those that are ready.",
    scope: "work:write",
    params,
    body: changeWorkItemSchema,
    responses: { 200: { description: "The item", schema: workItemSchema } },
    handler: async ({ params: { id }, body, principal }) => ({
      body: await work.setPriority(id, body.priority, by(principal)),
    }),
  };
  return [
    change,
    verb(
      "retry",
      {
        summary: "Tries an item again: now, or with all its tries anew where they are used up.",
        description: "Of one that is over it makes a new item, linked by `retry_of`.",
      },
      work.retry,
    ),
    verb(
      "cancel",
      {
        summary: "Cancels an item, and the run that is at it.",
        description: "What depends on it stays blocked while its issue is open.",
      },
      work.cancel,
    ),
  ];
}

function by({ name }: Principal): string {
  return `token:${name}`;
}

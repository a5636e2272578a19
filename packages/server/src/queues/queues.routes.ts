import {
  listQueuesSchema,
  type Queue,
  queueDetailSchema,
  queueExplanationSchema,
  queueSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../http/index.ts";
import type { Queues } from "./queues.ts";

const params = z.strictObject({ name: z.string().min(1).max(300) });
type OneQueue = { params: typeof params };

/** `/v1/queues`. */
export function queueRoutes(queues: Queues): Route[] {
  const list: Route<{ query: typeof listQueuesSchema }> = {
    method: "GET",
    path: "/v1/queues",
    summary: "Lists queues with their limits, what is in them, and what is admitted next.",
    scope: "queues:read",
    query: listQueuesSchema,
    pagedBy: ({ name }: Queue) => name,
    responses: { 200: { description: "A page of queues, by name", schema: z.array(queueSchema) } },
    handler: async ({ query: { status } }) => ({
      body: (await queues.list()).filter((one) => status === undefined || one.status === status),
    }),
  };

  const get: Route<OneQueue> = {
    method: "GET",
    path: "/v1/queues/{name}",
    summary: "Shows a queue with what waits and runs in it, and who leads each line.",
    scope: "queues:read",
    params,
    responses: { 200: { description: "The queue", schema: queueDetailSchema } },
    handler: async ({ params: { name } }) => ({ body: await queues.get(name) }),
  };

  const explain: Route<OneQueue> = {
    method: "GET",
    path: "/v1/queues/{name}/explain",
    summary: "Says why a queue moves or does not, and what would move it.",
    scope: "queues:read",
    params,
    responses: { 200: { description: "The explanation", schema: queueExplanationSchema } },
    handler: async ({ params: { name } }) => ({ body: await queues.explain(name) }),
  };

  const held = (word: "pause" | "resume", summary: string): Route<OneQueue> => ({
    method: "POST",
    path: `/v1/queues/{name}/${word}`,
    summary,
    scope: "queues:write",
    idempotency: "repeatable",
    params,
    responses: { 200: { description: "The queue", schema: queueDetailSchema } },
    handler: async ({ params: { name }, principal }) => ({
      body: await queues.pause(name, word === "pause" ? `token:${principal.name}` : null),
    }),
  });

  return [
    list,
    get,
    explain,
    held("pause", "Stops a queue: what runs in it goes on, nothing more is started."),
    held("resume", "Lets a paused queue go on."),
  ];
}

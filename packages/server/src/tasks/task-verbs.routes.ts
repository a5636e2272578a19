import {
  AppError,
  cancelAnswerSchema,
  cancelTaskSchema,
  pauseAnswerSchema,
  pauseTaskSchema,
  resumeAnswerSchema,
  runNowAnswerSchema,
  runNowSchema,
  snoozeAnswerSchema,
  snoozeTaskSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Principal, Route } from "../http/index.ts";
import type { Tasks } from "./tasks.ts";

export const params = z.strictObject({ id: z.string().min(1).max(300) });
export type OneTask = { params: typeof params };

/** Who acts, as the audit names them. */
export function by(principal: Pick<Principal, "name">): string {
  return `token:${principal.name}`;
}

/** `/v1/tasks/{id}/…`: what somebody has done with a task beside its schedule. */
export function verbRoutes(tasks: Tasks): Route[] {
  const runNow: Route<OneTask & { body: typeof runNowSchema }> = {
    method: "POST",
    path: "/v1/tasks/{id}/run_now",
    summary: "Has an active task run now, beside its schedule, which stays as it is.",
    scope: "tasks:run",
    params,
    body: runNowSchema,
    responses: { 202: { description: "The run is durable", schema: runNowAnswerSchema } },
    async handler({ params: { id }, body, principal }) {
      return { status: 202, body: await tasks.runNow(id, by(principal), body.reason) };
    },
  };

  const snooze: Route<OneTask & { body: typeof snoozeTaskSchema }> = {
    method: "POST",
    path: "/v1/tasks/{id}/snooze",
    summary: "Puts off the next fire of an active task; those behind it stay.",
    description:
      "By delay_seconds from when it is due, or until a time; again, and by 7 days in all. What would be due on the way is due no more.",
    scope: "tasks:update",
    params,
    body: snoozeTaskSchema,
    responses: { 200: { description: "When it was due, and is", schema: snoozeAnswerSchema } },
    async handler({ params: { id }, body, principal }) {
      if ((body.delay_seconds === undefined) === (body.until === undefined))
        throw new AppError("invalid_request", "Say either delay_seconds or until.");
      return { body: await tasks.snooze(id, by(principal), body) };
    },
  };

  const pause: Route<OneTask & { body: typeof pauseTaskSchema }> = {
    method: "POST",
    path: "/v1/tasks/{id}/pause",
    summary:
      "Stops a task until it is resumed, or until a time. What would be due meanwhile is not made up for.",
    description: "Runs that it has started go on.",
    scope: "tasks:update",
    idempotency: "repeatable",
    params,
    body: pauseTaskSchema,
    responses: { 200: { description: "It is paused", schema: pauseAnswerSchema } },
    handler: async ({ params: { id }, body, principal }) => ({
      body: await tasks.pause(id, by(principal), body.until),
    }),
  };

  const resume: Route<OneTask> = {
    method: "POST",
    path: "/v1/tasks/{id}/resume",
    summary: "Lets a paused task go on, by its schedule from now on.",
    scope: "tasks:update",
    idempotency: "repeatable",
    params,
    responses: { 200: { description: "It goes on", schema: resumeAnswerSchema } },
    handler: async ({ params: { id }, principal }) => ({
      body: await tasks.resume(id, by(principal)),
    }),
  };

  const cancel: Route<OneTask & { body: typeof cancelTaskSchema }> = {
    method: "POST",
    path: "/v1/tasks/{id}/cancel",
    summary:
      "Ends a task for good. Its runs that have not begun are canceled; with `running: abort`, all that have not ended.",
    scope: "tasks:update",
    params,
    body: cancelTaskSchema,
    responses: { 200: { description: "It is canceled", schema: cancelAnswerSchema } },
    handler: async ({ params: { id }, body, principal }) => ({
      body: await tasks.cancel(id, by(principal), body.running),
    }),
  };

  return [runNow, snooze, pause, resume, cancel];
}

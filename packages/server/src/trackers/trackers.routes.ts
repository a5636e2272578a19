import {
  changeTrackerSchema,
  createTrackerSchema,
  nameSchema,
  type Tracker,
  trackerCheckupSchema,
  trackerSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Principal, Route } from "../http/index.ts";
import type { TrackerChanger, Trackers } from "./trackers.ts";

const params = z.strictObject({ name: nameSchema });
type OneTracker = { params: typeof params };

const NEVER_SHOWN = "No route gives the token back.";

/** `/v1/trackers`. */
export function trackerRoutes(trackers: Trackers): Route[] {
  return [...readingRoutes(trackers), ...writingRoutes(trackers), ...verbRoutes(trackers)];
}

function readingRoutes(trackers: Trackers): Route[] {
  const list: Route = {
    method: "GET",
    path: "/v1/trackers",
    summary: "Lists trackers.",
    scope: "trackers:read",
    pagedBy: ({ name }: Tracker) => name,
    responses: {
      200: { description: "A page of trackers, by name", schema: z.array(trackerSchema) },
    },
    handler: async () => ({ body: await trackers.list() }),
  };

  const get: Route<OneTracker> = {
    method: "GET",
    path: "/v1/trackers/{name}",
    summary: "Shows a tracker.",
    description: NEVER_SHOWN,
    scope: "trackers:read",
    params,
    responses: { 200: { description: "The tracker", schema: trackerSchema } },
    handler: async ({ params: { name } }) => ({ body: await trackers.get(name) }),
  };

  const check: Route<OneTracker> = {
    method: "POST",
    path: "/v1/trackers/{name}/check",
    summary: "Reaches a tracker with its token, and says what is wrong.",
    description:
      "Its source, its token, each project and the rights on it, and the hooks that post here. It changes nothing.",
    scope: "trackers:read",
    idempotency: "harmless",
    params,
    responses: { 200: { description: "What was found", schema: trackerCheckupSchema } },
    handler: async ({ params: { name } }) => ({ body: await trackers.check(name) }),
  };

  return [list, get, check];
}

function writingRoutes(trackers: Trackers): Route[] {
  const create: Route<{ body: typeof createTrackerSchema }> = {
    method: "POST",
    path: "/v1/trackers",
    summary: "Makes a tracker. Its token is sealed and never shown again.",
    description: `A token out of a variable, a file or a secret of the installation needs the scope admin: it is sent to the address that is given beside it. ${NEVER_SHOWN}`,
    scope: "trackers:write",
    body: createTrackerSchema,
    isBodySecret: true,
    responses: { 201: { description: "The tracker", schema: trackerSchema } },
    async handler({ body, principal }) {
      const tracker = await trackers.create(body, changer(principal));
      const headers = { location: `/v1/trackers/${tracker.name}` };
      return { status: 201, headers, body: tracker };
    },
  };

  const change: Route<OneTracker & { body: typeof changeTrackerSchema }> = {
    method: "PATCH",
    path: "/v1/trackers/{name}",
    summary: "Changes a tracker; what is left out stays.",
    description: NEVER_SHOWN,
    scope: "trackers:write",
    params,
    body: changeTrackerSchema,
    isBodySecret: true,
    responses: { 200: { description: "The tracker", schema: trackerSchema } },
    handler: async ({ params: { name }, body, principal }) => ({
      body: await trackers.change(name, body, changer(principal)),
    }),
  };

  const remove: Route<OneTracker> = {
    method: "DELETE",
    path: "/v1/trackers/{name}",
    summary: "Removes a tracker. Its source, its events and its deliveries stay.",
    scope: "trackers:write",
    params,
    responses: { 204: { description: "Gone" } },
    async handler({ params: { name }, principal }) {
      await trackers.remove(name, by(principal));
      return { status: 204 };
    },
  };

  return [create, change, remove];
}

function verbRoutes(trackers: Trackers): Route[] {
  const verb = (
    word: "pause" | "resume",
    summary: string,
    act: (name: string, by: string) => Promise<Tracker>,
  ): Route<OneTracker> => ({
    method: "POST",
    path: `/v1/trackers/{name}/${word}`,
    summary,
    scope: "trackers:write",
    idempotency: "repeatable",
    params,
    responses: { 200: { description: "The tracker", schema: trackerSchema } },
    handler: async ({ params: { name }, principal }) => ({ body: await act(name, by(principal)) }),
  });
  const poll: Route<OneTracker> = {
    method: "POST",
    path: "/v1/trackers/{name}/poll",
    summary: "Has a tracker asked for changes now, beside its interval.",
    description:
      "Answered at once: `polled_at` tells when it is done. What no webhook has told comes in as one would, once it is older than a minute.",
    scope: "trackers:write",
    idempotency: "repeatable",
    params,
    responses: { 202: { description: "The tracker, which is due now", schema: trackerSchema } },
    handler: async ({ params: { name } }) => ({ status: 202, body: await trackers.poll(name) }),
  };

  return [
    poll,
    verb(
      "pause",
      "Asks a tracker no more what has changed; its webhooks still come in.",
      trackers.pause,
    ),
    verb("resume", "Asks a paused tracker again.", trackers.resume),
  ];
}

function by({ name }: Principal): string {
  return `token:${name}`;
}

function changer(principal: Principal): TrackerChanger {
  return { by: by(principal), isAdmin: principal.scopes.includes("admin") };
}

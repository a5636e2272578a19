import type { IncomingHttpHeaders } from "node:http";
import {
  type AcceptedEvent,
  acceptedEventSchema,
  type Decision,
  eventDetailSchema,
  idDigits,
  idSchema,
  listEventsSchema,
  listedEventSchema,
} from "@yardmaster/protocol";
import { z } from "zod";
import type { Route } from "../http/index.ts";
import { pageReply } from "../paging/index.ts";
import type { CloudEvent } from "./cloud-event.ts";
import { isAttributeHeader, readCloudEvents } from "./cloud-event-request.ts";
import type { Events } from "./events.ts";

/** Takes a CloudEvent through the one intake; resolves when it is durable. Given by `inbox/`. */
export type AcceptCloudEvent = (
  event: CloudEvent,
  from: { readonly token: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer },
) => Promise<AcceptedCloudEvent>;

export interface AcceptedCloudEvent {
  readonly eventId: string;
  readonly type: string;
  /** W3C; undefined of a duplicate. */
  readonly traceparent: string | undefined;
  /** Id of the event that came first with the same source and id. */
  readonly duplicateOf: string | null;
  readonly decisions: readonly Decision[];
}

const params = z.object({ id: idSchema });
/** `/v1/events`. */
export function eventRoutes({
  events,
  accept,
}: {
  readonly events: Events;
  readonly accept: AcceptCloudEvent;
}): Route[] {
  const post: Route = {
    method: "POST",
    path: "/v1/events",
    summary: "Posts a CloudEvent 1.0, or a batch of them.",
    description:
      "Structured, batched (an array of up to 100) and binary mode; the data is JSON. The same source and id again is a duplicate: it is kept, answered like the first, and not judged.\n\nEach event of a batch is taken by itself and answered in its place; an error in one refuses the batch before anything is taken. With an Idempotency-Key an event without an id has one from it, so that a request which was cut off can be sent again.",
    scope: "events:write",
    idempotency: "repeatable",
    rawBody: true,
    isAskedIn: isAttributeHeader,
    responses: {
      200: {
        description: "Durable, with what the rules said; a list for a batch",
        schema: z.union([acceptedEventSchema, z.array(acceptedEventSchema)]),
      },
    },
    async handler({ headers, rawBody, principal, claimId }) {
      const request = readCloudEvents(headers, rawBody);
      const answers = await Promise.all(
        request.events.map((posted, i) => {
          const event = claimId === undefined ? posted : { id: `${claimId}/${i}`, ...posted };
          const body = request.batch ? Buffer.from(JSON.stringify(posted)) : rawBody;
          return accept(event, { token: principal.name, headers, body });
        }),
      );
      const views = answers.map(answerView);
      if (request.batch) return { body: views };
      return { body: views[0], traceparent: answers[0]?.traceparent };
    },
  };

  const list: Route<{ query: typeof listEventsSchema }> = {
    method: "GET",
    path: "/v1/events",
    summary: "Lists events, newest first.",
    description:
      "A page ends early, with its `Link`, where the data on it comes to 8 MiB. With `payloads=false` it has none.",
    scope: "events:read",
    query: listEventsSchema,
    responses: { 200: { description: "A page of events", schema: z.array(listedEventSchema) } },
    async handler({ query: { id_prefix, id_suffix, payloads, ...query }, url }) {
      const filter = {
        ...query,
        idPrefix: id_prefix && idDigits(id_prefix),
        idSuffix: id_suffix && idDigits(id_suffix),
        ...(payloads === "false" && { payloads: false }),
      };
      return pageReply(await events.list(filter), url);
    },
  };

  const get: Route<{ params: typeof params }> = {
    method: "GET",
    path: "/v1/events/{id}",
    summary: "Shows an event with its delivery, its decisions and its runs.",
    scope: "events:read",
    params,
    responses: { 200: { description: "The event", schema: eventDetailSchema } },
    async handler({ params, principal: { scopes } }) {
      const event = await events.detail(params.id);
      const mayReadRuns = scopes.includes("runs:read") || scopes.includes("admin");
      return { body: mayReadRuns ? event : { ...event, runs: null, more_runs: null } };
    },
  };

  return [post, list, get];
}

function answerView(accepted: AcceptedCloudEvent): AcceptedEvent {
  const { eventId, type, duplicateOf, decisions } = accepted;
  return { id: eventId, type, duplicate_of: duplicateOf, decisions: [...decisions] };
}

import type {
  AcceptedEvent,
  Decision,
  ListDecisions,
  ListEvents,
  PostEvent,
  YardEvent,
} from "@yardmaster/protocol";
import { type Listing, listPages } from "./pages.ts";
import type { CallOptions, Transport } from "./transport.ts";

export interface SendOptions extends CallOptions {
  readonly idempotencyKey?: string | undefined;
}

export interface EventsClient {
  /** Resolves when the event is durable and judged. */
  send(event: PostEvent, options?: SendOptions): Promise<AcceptedEvent>;
  get(id: string, options?: CallOptions): Promise<YardEvent>;
  /** Newest first. */
  list(filter?: Listing<ListEvents>): AsyncGenerator<YardEvent, void, undefined>;
}

export interface DecisionsClient {
  /** Newest first. */
  list(filter?: Listing<ListDecisions>): AsyncGenerator<Decision, void, undefined>;
}

export function createEventsClient(transport: Transport): EventsClient {
  return {
    send: (body, { idempotencyKey, signal } = {}) =>
      transport.json({
        method: "POST",
        path: "/v1/events",
        body,
        headers: { "idempotency-key": idempotencyKey },
        signal,
      }),
    get: (id, { signal } = {}) =>
      transport.json({ path: `/v1/events/${encodeURIComponent(id)}`, signal }),
    list: (filter = {}) => listPages(transport, "/v1/events", filter),
  };
}

export function createDecisionsClient(transport: Transport): DecisionsClient {
  return { list: (filter = {}) => listPages(transport, "/v1/decisions", filter) };
}

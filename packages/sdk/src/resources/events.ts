import type {
  AcceptedEvent,
  Decision,
  DeliveryDetail,
  DeliveryRecord,
  EventDetail,
  Explanation,
  ListDecisions,
  ListDeliveries,
  ListEvents,
  ListedEvent,
  PostEvent,
  ReadDelivery,
  ReplayEvent,
  ReplayEvents,
  Replayed,
  ReplayReport,
} from "@yardmaster/protocol";
import { keyHeader } from "../transport/idempotency-key.ts";
import { type Listing, listPages, type Page, type Paging, readPage } from "../transport/pages.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";

export interface SendOptions extends CallOptions {
  /** The same key again gives the same answer, and does nothing twice. A new one unless given. */
  readonly idempotencyKey?: string | undefined;
}

export interface EventsClient {
  /** Resolves when the event is durable and judged. */
  send(event: PostEvent, options?: SendOptions): Promise<AcceptedEvent>;
  /** With its data, its delivery, its decisions and its runs. */
  get(id: string, options?: CallOptions): Promise<EventDetail>;
  /** Newest first. */
  list(filter?: Listing<ListEvents>): AsyncGenerator<ListedEvent, void, undefined>;
  /** One page of the list, `limit` events from `cursor` on: for programs that show pages. */
  page(filter?: Paging<ListEvents>): Promise<Page<ListedEvent>>;
  /** What each rule made of it. */
  explain(id: string, options?: CallOptions): Promise<Explanation>;
  /** Judges it again. The same key again is the same replay. */
  replay(id: string, replay: ReplayEvent, options?: SendOptions): Promise<Replayed>;
  /** Judges many again, a piece at a time; asked again with the same `batch` it does nothing twice. */
  replayMany(
    replay: Omit<ReplayEvents, "cursor">,
    options?: CallOptions,
  ): AsyncGenerator<ReplayReport, void, undefined>;
}

export interface DeliveriesClient {
  /** Newest first. */
  list(filter?: Listing<ListDeliveries>): AsyncGenerator<DeliveryRecord, void, undefined>;
  /** One page of the list. */
  page(filter?: Paging<ListDeliveries>): Promise<Page<DeliveryRecord>>;
  /** With its headers and its body, of which `body_limit` bytes. */
  get(id: string, options?: ReadDelivery & CallOptions): Promise<DeliveryDetail>;
}

export interface DecisionsClient {
  /** Newest first. */
  list(filter?: Listing<ListDecisions>): AsyncGenerator<Decision, void, undefined>;
  /** One page of the list. */
  page(filter?: Paging<ListDecisions>): Promise<Page<Decision>>;
}

export function createEventsClient(transport: Transport): EventsClient {
  return {
    send: (body, { idempotencyKey, signal } = {}) =>
      transport.json({
        method: "POST",
        path: "/v1/events",
        body,
        headers: keyHeader(idempotencyKey),
        signal,
      }),
    get: (id, { signal } = {}) =>
      transport.json({ path: `/v1/events/${encodeURIComponent(id)}`, signal }),
    list: (filter = {}) => listPages(transport, "/v1/events", filter),
    page: ({ signal, ...query } = {}) =>
      readPage(transport, { path: "/v1/events", query }, { signal }),
    explain: (id, { signal } = {}) =>
      transport.json({ path: `/v1/events/${encodeURIComponent(id)}/explain`, signal }),
    replay: (id, body, { idempotencyKey, signal } = {}) =>
      transport.json({
        method: "POST",
        path: `/v1/events/${encodeURIComponent(id)}/replay`,
        body,
        headers: keyHeader(idempotencyKey),
        signal,
      }),
    async *replayMany(replay, { signal } = {}) {
      let cursor: string | undefined;
      do {
        const report: ReplayReport = await transport.json({
          method: "POST",
          path: "/v1/events/replay",
          body: { ...replay, cursor },
          signal,
        });
        yield report;
        cursor = report.next ?? undefined;
      } while (cursor !== undefined);
    },
  };
}

export function createDeliveriesClient(transport: Transport): DeliveriesClient {
  return {
    list: (filter = {}) => listPages(transport, "/v1/deliveries", filter),
    page: ({ signal, ...query } = {}) =>
      readPage(transport, { path: "/v1/deliveries", query }, { signal }),
    get: (id, { signal, ...query } = {}) =>
      transport.json({ path: `/v1/deliveries/${encodeURIComponent(id)}`, query, signal }),
  };
}

export function createDecisionsClient(transport: Transport): DecisionsClient {
  return {
    list: (filter = {}) => listPages(transport, "/v1/decisions", filter),
    page: ({ signal, ...query } = {}) =>
      readPage(transport, { path: "/v1/decisions", query }, { signal }),
  };
}

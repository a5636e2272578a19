import type { DeliveryDetail, DeliveryRecord, Json, NewId } from "@yardmaster/protocol";
import type { Database, Log } from "../db/index.ts";
import type { Engine } from "../engine/index.ts";
import type { AcceptCloudEvent, TraceEvent } from "../events/index.ts";
import type { Packs } from "../packs/index.ts";
import type { Rules } from "../rules/index.ts";
import type { Sealer } from "../sealing/index.ts";
import { findDelivery, findFirstEvent } from "./deliveries/deliveries.store.ts";
import { type DetailDeps, deliveryDetail } from "./deliveries/delivery-detail.ts";
import { type DeliveryFilter, listDeliveries } from "./deliveries/delivery-list.store.ts";
import { deliveryView } from "./deliveries/delivery-view.ts";
import { createIntake, type Intake } from "./intake/intake.ts";
import { createPostedEvents } from "./intake/posted-event.ts";
import type { InboxObserver } from "./observer.ts";
import { createSourceBook, type SourceBookDeps } from "./sources/source-book.ts";
import { readSources } from "./sources/sources.store.ts";
import { createSources, type Sources } from "./sources/sources.ts";
import type { IssueWatch } from "./webhooks/issue-watch.ts";
import { addRefusals, readRefusals } from "./webhooks/refusals.store.ts";
import { createRefusals } from "./webhooks/refusals.ts";
import { createWebhook, type ReceiveWebhook } from "./webhooks/webhook.ts";

export interface InboxDeps {
  readonly database: Pick<Database, "pool" | "withTransaction">;
  readonly engine: Pick<Engine, "commit">;
  readonly rules: Rules;
  readonly packs: Pick<Packs, "sources">;
  /** The text at a place of a pack's source; undefined where nothing is set. */
  readonly readSecret: SourceBookDeps["readSecret"];
  readonly sealer: Sealer;
  /** Of the trackers whose webhooks come here. */
  readonly watch?: IssueWatch | undefined;
  readonly observer?: InboxObserver | undefined;
  readonly traceEvent?: TraceEvent | undefined;
  readonly log: Pick<Log, "warn">;
  readonly newId: NewId;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export interface InboxOptions {
  /** The largest body of a webhook. */
  readonly maxBodyBytes: number;
}

export type TakeDeps = Pick<InboxDeps, "engine" | "rules" | "observer" | "traceEvent" | "newId"> & {
  readonly database: Pick<Database, "pool">;
};

/** The way in by itself, for a process that serves no API and has events to bring all the same. */
export function createTake({ database: { pool }, ...deps }: TakeDeps): Intake {
  return createIntake({ ...deps, firstEventOf: (id) => findFirstEvent(pool, id) });
}

/** Deliveries of a source among which its newest webhook is looked for. */
const LOOKED_AT = 50;

/** The one way in: what arrives is made durable with its event, its decisions and its runs, then answered. */
export interface Inbox {
  readonly sources: Sources;
  readonly receive: ReceiveWebhook;
  /** The largest body of a webhook. */
  readonly maxBodyBytes: number;
  readonly acceptCloudEvent: AcceptCloudEvent;
  /** For features whose own acts are events. */
  readonly take: Intake;
  /** A delivery as the API shows it. */
  delivery(id: string): Promise<Json | undefined>;
  /** The same with its body, to a limit. @throws AppError `not_found` */
  deliveryDetail(
    id: string,
    bodyLimit: number,
    dataText: DetailDeps["dataText"],
  ): Promise<DeliveryDetail>;
  /** Newest first. */
  deliveries(filter: DeliveryFilter): Promise<DeliveryRecord[]>;
  /** When the newest webhook of a source came, among its last deliveries; RFC 3339. */
  lastDelivery(source: string): Promise<string | undefined>;
  /** A delivery's raw body; null where it is the text of its event's data. */
  deliveryBody(id: string): Promise<Buffer | null | undefined>;
}

export function createInbox(deps: InboxDeps, { maxBodyBytes }: InboxOptions): Inbox {
  const {
    database,
    engine,
    rules,
    packs,
    readSecret,
    sealer,
    watch,
    observer,
    traceEvent,
    log,
    newId,
    now,
  } = deps;
  const { pool } = database;
  const book = createSourceBook({
    rules,
    readSources: () => readSources(pool),
    packSources: packs.sources,
    readSecret,
    sealer,
    watch,
  });
  const take = createTake({ database, engine, rules, observer, traceEvent, newId });
  return {
    maxBodyBytes,
    take,
    sources: createSources({
      database,
      book,
      readRefusals: () => readRefusals(pool),
      sealer,
      newId,
      now,
    }),
    receive: createWebhook({
      book,
      take,
      revision: rules.revision,
      observer,
      watch,
      noteRefusal: createRefusals({ add: (refusals) => addRefusals(pool, refusals), log }),
      now,
      maxBodyBytes,
    }),
    acceptCloudEvent: createPostedEvents(take),
    deliveries: (filter) => listDeliveries(pool, filter),
    delivery: (id) => deliveryView(pool, id),
    async lastDelivery(source) {
      const last = await listDeliveries(pool, { source, limit: LOOKED_AT });
      return last.find(({ channel }) => channel === "webhook")?.received_at;
    },
    deliveryDetail: (id, bodyLimit, dataText) => deliveryDetail({ pool, dataText }, id, bodyLimit),
    deliveryBody: async (id) => (await findDelivery(pool, id))?.body,
  };
}

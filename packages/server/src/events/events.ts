import {
  AppError,
  type Decision,
  isUuid,
  type Json,
  type JudgedCounts,
} from "@yardmaster/protocol";
import type { Database } from "../db/index.ts";
import type { Engine, RunRecord } from "../engine/index.ts";
import { idCursor, type Page, pageOf } from "../paging/index.ts";
import { type EventRecord, type EventView, eventView } from "./event.ts";
import type { ListFilter } from "./event-filter.store.ts";
import {
  findEvent,
  findEventText,
  type HistoryFilter,
  listEvents,
  readHistory,
} from "./events.store.ts";

export interface EventsDeps {
  readonly database: Pick<Database, "pool">;
  readonly engine: Pick<Engine, "runs">;
  /** The delivery of an event as the API shows it; given by `inbox/`. */
  readonly deliveryOf: (deliveryId: string) => Promise<Json | undefined>;
  /** What the rules said of an event; given by `rules/`. */
  readonly decisionsOf: (eventId: string) => Promise<readonly Decision[]>;
  /** The same of many, in numbers; given by `rules/`. */
  readonly judgedOf: (eventIds: readonly string[]) => Promise<ReadonlyMap<string, JudgedCounts>>;
}

export type ListedEventView = EventView & { readonly judged: JudgedCounts };

export type EventDetail = EventView & {
  readonly delivery: Json;
  readonly decisions: readonly Decision[];
  readonly runs: readonly RunRecord[];
  readonly more_runs: boolean;
};

/** What happened: read only. Events are written by an intake of `inbox/`. */
export interface Events {
  /** Newest first; `cursor` is from the page before. @throws AppError `invalid_cursor` */
  list(
    filter: Omit<ListFilter, "before"> & { readonly cursor?: string | undefined },
  ): Promise<Page<ListedEventView>>;
  /**
   * What a filter means, the oldest first, behind the event `after`: at most `limit`, fewer where their data is
   * large, none at the end.
   */
  history(filter: HistoryFilter): Promise<EventRecord[]>;
  /** An event with its delivery, its decisions and a page of the runs it started. @throws AppError `not_found` */
  detail(id: string): Promise<EventDetail>;
  find(id: string): Promise<EventRecord | undefined>;
  /** The text of an event's data, byte for byte as it came. */
  dataText(id: string): Promise<string | undefined>;
}

const MAX_RUNS_SHOWN = 200;
const UNHEARD: JudgedCounts = { matched: 0, not_matched: 0, held: 0, error: 0 };

export function createEvents({
  database,
  engine,
  deliveryOf,
  decisionsOf,
  judgedOf,
}: EventsDeps): Events {
  const { pool } = database;
  const find = async (id: string): Promise<EventRecord | undefined> =>
    isUuid(id) ? findEvent(pool, id) : undefined;
  return {
    find,
    dataText: (id) => findEventText(pool, id),
    history: (filter) => readHistory(pool, filter),
    async list({ cursor, limit, ...filter }) {
      const before = idCursor(cursor);
      const { rows, isCut } = await listEvents(pool, { ...filter, before, limit: limit + 1 });
      const judged = await judgedOf(rows.map((event) => event.id));
      const views = rows.map((event) => ({
        ...eventView(event),
        judged: judged.get(event.id) ?? UNHEARD,
      }));
      return pageOf(views, limit, (event) => event.id, isCut);
    },
    async detail(id) {
      const event = await find(id);
      if (event === undefined) throw new AppError("not_found", `There is no event ${id}.`);
      const [delivery, decisions, runs] = await Promise.all([
        event.deliveryId === null ? undefined : deliveryOf(event.deliveryId),
        decisionsOf(id),
        engine.runs({ eventId: id, limit: MAX_RUNS_SHOWN }),
      ]);
      return {
        ...eventView(event),
        delivery: delivery ?? null,
        decisions,
        runs: runs.rows,
        more_runs: runs.next !== undefined,
      };
    },
  };
}

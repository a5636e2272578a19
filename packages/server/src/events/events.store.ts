import type { Json, JsonObject } from "@yardmaster/protocol";
import type { CompiledQuery } from "kysely";
import type { ClientBase, Pool } from "pg";
import { insertText, kyselyFor, type Table, tableArrays } from "../db/index.ts";
import { type RowsWithinBytes, readWithinBytes } from "../paging/index.ts";
import type { EventRecord } from "./event.ts";
import {
  type EventFilter,
  judgedAs,
  type LastSaid,
  type ListFilter,
  lastSaid,
  meantBy,
  namedSo,
} from "./event-filter.store.ts";

/** An event to be stored, with its data as the JSON text that is kept. */
export interface EventRow {
  readonly event: EventRecord;
  readonly dataText: string;
}

const EVENTS: Table<EventRow> = {
  name: "e",
  columns: [
    { name: "id", type: "uuid", read: ({ event }) => event.id },
    { name: "type", type: "text", read: ({ event }) => event.type },
    { name: "source", type: "text", read: ({ event }) => event.source },
    { name: "subject", type: "text", read: ({ event }) => event.subject },
    { name: "time", type: "timestamptz", read: ({ event }) => event.time },
    { name: "received_at", type: "timestamptz", read: ({ event }) => event.receivedAt },
    { name: "delivery_id", type: "uuid", read: ({ event }) => event.deliveryId },
    { name: "origin_id", type: "text", read: ({ event }) => event.originId },
    { name: "dataschema", type: "text", read: ({ event }) => event.dataschema },
    { name: "traceparent", type: "text", read: ({ event }) => event.traceparent },
    {
      name: "extensions",
      type: "json",
      read: ({ event }) => event.extensions && JSON.stringify(event.extensions),
    },
    { name: "depth", type: "int", read: ({ event }) => event.depth },
    { name: "caused_by", type: "uuid", read: ({ event }) => event.causedBy },
    { name: "data", type: "json", read: ({ dataText }) => dataText },
  ],
};

const INSERT = insertText("events", EVENTS, "ON CONFLICT (id) DO NOTHING");

/** All events of a flush in one statement. Locks nothing but its own new rows; the same rows again change nothing. */
export async function insertEvents(client: ClientBase, rows: readonly EventRow[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query({ name: "events_insert", text: INSERT, values: tableArrays(EVENTS, rows) });
}

interface EventTables {
  events: EventTable;
}

interface EventTable {
  id: string;
  type: string;
  source: string;
  subject: string | null;
  time: string;
  received_at: string;
  delivery_id: string | null;
  origin_id: string | null;
  dataschema: string | null;
  traceparent: string;
  extensions: JsonObject | null;
  depth: number;
  caused_by: string | null;
  data: Json;
}

const NOTHING = { extensions: null, data: null };
const BRIEF = [
  ...(["id", "type", "source", "subject", "time", "received_at", "delivery_id"] as const),
  ...(["origin_id", "dataschema", "traceparent", "depth", "caused_by"] as const),
];
const WHOLE = [...BRIEF, "extensions" as const, "data" as const];

/** Newest first; the page ends early where the data grows large. */
export async function listEvents(
  pool: Pool,
  filter: ListFilter,
): Promise<RowsWithinBytes<EventRecord>> {
  let query = kyselyFor<EventTables>(pool)
    .selectFrom("events")
    .select(filter.payloads === false ? BRIEF : WHOLE)
    .where((is) => meantBy(is, filter))
    .orderBy("id", "desc")
    .limit(filter.limit);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  for (const condition of [namedSo(filter), judgedAs(filter)])
    if (condition !== undefined) query = query.where(condition);
  if (filter.payloads === false)
    return {
      rows: (await query.execute()).map((row) => toRecord({ ...NOTHING, ...row })),
      isCut: false,
    };
  const { rows, isCut } = await readPage(pool, query.compile(), "desc");
  return { rows: rows.map(toRecord), isCut };
}

export interface HistoryFilter extends EventFilter {
  readonly said?: LastSaid | undefined;
  /** Id of the last event of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/**
 * A page of what a filter means, the oldest first, behind `after`. It ends early where the data grows large, with one
 * event at least. An empty page is the end.
 */
export async function readHistory(pool: Pool, filter: HistoryFilter): Promise<EventRecord[]> {
  let page = kyselyFor<EventTables>(pool)
    .selectFrom("events")
    .selectAll()
    .where((is) => meantBy(is, filter))
    .orderBy("id")
    .limit(filter.limit);
  if (filter.said !== undefined) page = page.where(lastSaid(filter.said));
  if (filter.after !== undefined) page = page.where("id", ">", filter.after);
  const { rows } = await readPage(pool, page.compile(), "asc");
  return rows.map(toRecord);
}

async function readPage(
  pool: Pool,
  { sql: text, parameters }: CompiledQuery,
  order: "asc" | "desc",
): Promise<RowsWithinBytes<EventTable>> {
  const columns = ["data", "extensions"];
  return await readWithinBytes(pool, { text, values: parameters }, { columns, order });
}

/** The events before this one in its chain: each started the run that the next tells of. The nearest first. */
export async function causesOf(
  pool: Pool,
  eventId: string,
  limit: number,
): Promise<{ readonly type: string; readonly data: Json }[]> {
  const result = await pool.query<{ type: string; data: Json }>(
    `WITH RECURSIVE chain AS (
       SELECT id, type, data, caused_by, 1 AS length FROM events WHERE id = $1
       UNION ALL
       SELECT e.id, e.type, e.data, e.caused_by, length + 1 FROM events e JOIN chain c ON e.id = c.caused_by
       WHERE length < $2
     ) SELECT type, data FROM chain ORDER BY length`,
    [eventId, limit],
  );
  return result.rows;
}

/** Of these events, how deep each stands; those that are gone are left out. */
export async function depthsOf(
  pool: Pool,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const result = await pool.query<{ id: string; depth: number }>(
    "SELECT id, depth FROM events WHERE id = ANY($1::uuid[])",
    [ids],
  );
  return new Map(result.rows.map((row) => [row.id, row.depth]));
}

/** Of these things that happened, those that are events of this own type already. */
export async function ownEventsOf(
  pool: Pool,
  type: string,
  originIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const result = await pool.query<{ origin_id: string }>(
    "SELECT origin_id FROM events WHERE type = $1 AND type LIKE 'yard.%' AND origin_id = ANY($2)",
    [type, originIds],
  );
  return new Set(result.rows.map((row) => row.origin_id));
}

export async function findEvent(pool: Pool, id: string): Promise<EventRecord | undefined> {
  const result = await pool.query<EventTable>("SELECT * FROM events WHERE id = $1", [id]);
  return result.rows[0] && toRecord(result.rows[0]);
}

/** The data's text, byte for byte as it was stored. */
export async function findEventText(pool: Pool, id: string): Promise<string | undefined> {
  const result = await pool.query<{ text: string }>(
    "SELECT data::text AS text FROM events WHERE id = $1",
    [id],
  );
  return result.rows[0]?.text;
}

function toRecord(row: EventTable): EventRecord {
  return {
    id: row.id,
    type: row.type,
    source: row.source,
    subject: row.subject,
    time: row.time,
    receivedAt: row.received_at,
    deliveryId: row.delivery_id,
    originId: row.origin_id,
    dataschema: row.dataschema,
    traceparent: row.traceparent,
    extensions: row.extensions,
    depth: row.depth,
    causedBy: row.caused_by,
    data: row.data,
  };
}

import type { Json, JsonObject } from "@yardmaster/protocol";
import type { ClientBase, Pool } from "pg";
import { kyselyFor } from "../db/index.ts";
import type { EventRecord } from "./event.ts";

/** An event to be stored, with its data as the JSON text that is kept. */
export interface EventRow {
  readonly event: EventRecord;
  readonly dataText: string;
}

const INSERT = `
INSERT INTO events (id, type, source, subject, time, received_at, delivery_id, origin_id, dataschema, traceparent,
                    extensions, data)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::uuid[],
                     $8::text[], $9::text[], $10::text[], $11::json[], $12::json[])
ON CONFLICT (id) DO NOTHING`;

/** All events of a flush in one statement. Locks nothing but its own new rows; the same rows again change nothing. */
export async function insertEvents(client: ClientBase, rows: readonly EventRow[]): Promise<void> {
  if (rows.length === 0) return;
  const events = rows.map((row) => row.event);
  await client.query({
    name: "events_insert",
    text: INSERT,
    values: [
      events.map((event) => event.id),
      events.map((event) => event.type),
      events.map((event) => event.source),
      events.map((event) => event.subject),
      events.map((event) => event.time),
      events.map((event) => event.receivedAt),
      events.map((event) => event.deliveryId),
      events.map((event) => event.originId),
      events.map((event) => event.dataschema),
      events.map((event) => event.traceparent),
      events.map((event) => event.extensions && JSON.stringify(event.extensions)),
      rows.map((row) => row.dataText),
    ],
  });
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
  data: Json;
}

export interface EventFilter {
  readonly type?: string | undefined;
  readonly source?: string | undefined;
  /** Id of the last event of the page before; newest first. */
  readonly before?: string | undefined;
  readonly limit: number;
}

export async function listEvents(pool: Pool, filter: EventFilter): Promise<EventRecord[]> {
  let query = kyselyFor<{ events: EventTable }>(pool)
    .selectFrom("events")
    .selectAll()
    .orderBy("id", "desc")
    .limit(filter.limit);
  if (filter.type !== undefined) query = query.where("type", "=", filter.type);
  if (filter.source !== undefined) query = query.where("source", "=", filter.source);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  return (await query.execute()).map(toRecord);
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
    data: row.data,
  };
}

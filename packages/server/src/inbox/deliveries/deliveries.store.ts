import type { ClientBase, Pool } from "pg";
import { insertText, type Table, tableArrays } from "../../db/index.ts";
import { type Delivery, type DeliveryKey, headersText } from "./delivery.ts";

/** A delivery on its way into the store. */
export interface DeliveryRow {
  readonly delivery: Delivery;
  readonly eventId: string | null;
  /** False where the event's data is the body, byte for byte. */
  readonly keepBody: boolean;
  /** The revision of the rules that the event was judged by; null where none was. */
  readonly revision: number | null;
}

/** What became of one: `own` was there already, from the same flush sent again. */
export type Stored = "new" | "own" | "stale" | { readonly duplicateOf: string };

/**
 * Keys of fresh rows are claimed in key order, so that two processes wait for each other and never deadlock. A key
 * held by a transaction that is still open is waited for: its holder is then seen, committed or gone. An old key
 * whose window has passed changes hands. One key stands once in a statement: the caller sees to it.
 * The revision is read by the same statement: rules that were changed before it began are seen.
 */
const CLAIM = `
WITH now_at AS (SELECT revision FROM definition_revision),
present AS (SELECT id, duplicate_of FROM deliveries WHERE id = ANY($1::uuid[])),
claimed AS (
  INSERT INTO delivery_keys AS held (key, delivery_id, seen_at, window_ms)
  SELECT claim.key, claim.delivery_id, claim.seen_at, claim.window_ms
  FROM unnest($2::bytea[], $3::uuid[], $4::timestamptz[], $5::bigint[], $6::bigint[])
    AS claim(key, delivery_id, seen_at, window_ms, revision)
  WHERE claim.revision IS NULL OR claim.revision = (SELECT revision FROM now_at)
  ORDER BY claim.key
  ON CONFLICT (key) DO UPDATE SET
    delivery_id = CASE WHEN held.seen_at < excluded.seen_at - excluded.window_ms * interval '1 millisecond'
                       THEN excluded.delivery_id ELSE held.delivery_id END,
    seen_at = CASE WHEN held.seen_at < excluded.seen_at - excluded.window_ms * interval '1 millisecond'
                   THEN excluded.seen_at ELSE held.seen_at END
  RETURNING key, delivery_id
)
SELECT (SELECT revision FROM now_at) AS revision,
       (SELECT json_object_agg(id, duplicate_of) FROM present) AS present,
       (SELECT json_object_agg(encode(key, 'hex'), delivery_id) FROM claimed) AS holders`;

interface Claims {
  readonly revision: number | string;
  readonly present: Record<string, string | null> | null;
  readonly holders: Record<string, string> | null;
}

/** A row as it is written. */
interface Written {
  readonly row: DeliveryRow;
  readonly duplicateOf: string | null;
}

const DELIVERIES: Table<Written> = {
  name: "d",
  columns: [
    { name: "id", type: "uuid", read: ({ row }) => row.delivery.id },
    { name: "channel", type: "text", read: ({ row }) => row.delivery.channel },
    { name: "source", type: "text", read: ({ row }) => row.delivery.source },
    { name: "received_at", type: "timestamptz", read: ({ row }) => row.delivery.receivedAt },
    { name: "sender_id", type: "text", read: ({ row }) => row.delivery.senderId },
    { name: "headers", type: "json", read: ({ row }) => headersText(row.delivery.headers) },
    {
      name: "body",
      type: "bytea",
      read: ({ row, duplicateOf }) =>
        row.keepBody || duplicateOf !== null ? row.delivery.body : null,
    },
    { name: "body_sha256", type: "bytea", read: ({ row }) => row.delivery.bodySha256 },
    { name: "body_bytes", type: "int", read: ({ row }) => row.delivery.body.length },
    { name: "verified_by", type: "text", read: ({ row }) => row.delivery.verifiedBy },
    {
      name: "event_id",
      type: "uuid",
      read: ({ row, duplicateOf }) => (duplicateOf === null ? row.eventId : null),
    },
    { name: "duplicate_of", type: "uuid", read: ({ duplicateOf }) => duplicateOf },
    { name: "problem", type: "text", read: ({ row }) => row.delivery.problem },
  ],
};

const INSERT = insertText("deliveries", DELIVERIES, "ON CONFLICT (id) DO NOTHING");

/** What a row claims; `window_ms` NULL is for as long as keys are kept. */
interface KeyClaim {
  readonly row: DeliveryRow;
  readonly key: DeliveryKey;
}

const CLAIMS: Table<KeyClaim> = {
  name: "claim",
  columns: [
    { name: "key", type: "bytea", read: ({ key }) => key.key },
    { name: "delivery_id", type: "uuid", read: ({ row }) => row.delivery.id },
    { name: "seen_at", type: "timestamptz", read: ({ row }) => row.delivery.receivedAt },
    { name: "window_ms", type: "bigint", read: ({ key }) => key.windowMs },
    { name: "revision", type: "bigint", read: ({ row }) => row.revision },
  ],
};

/** Settles which rows of a flush are new, duplicates, or judged by rules that have changed. */
export async function settleDeliveries(
  client: ClientBase,
  rows: readonly DeliveryRow[],
): Promise<Stored[]> {
  return await namingFirsts(client, settle(rows, await claim(client, rows)));
}

/** Stores those that are to be kept: all but the own and the stale. Locks nothing but its own new rows. */
export async function insertDeliveries(
  client: ClientBase,
  rows: readonly DeliveryRow[],
  answers: readonly Stored[],
): Promise<void> {
  const writes = rows.flatMap((row, i) => {
    const answer = answers[i] as Stored;
    if (answer === "own" || answer === "stale") return [];
    return [{ row, duplicateOf: typeof answer === "object" ? answer.duplicateOf : null }];
  });
  if (writes.length === 0) return;
  const values = tableArrays(DELIVERIES, writes);
  await client.query({ name: "deliveries_insert", text: INSERT, values });
}

async function claim(client: ClientBase, rows: readonly DeliveryRow[]): Promise<Claims> {
  const claims = new Map<string, KeyClaim>();
  for (const row of rows) {
    for (const key of row.delivery.keys) {
      // Of equal keys in one flush the first claims; rows judged by other revisions must not claim for it.
      const name = `${key.key.toString("hex")}.${row.revision}`;
      if (!claims.has(name)) claims.set(name, { row, key });
    }
  }
  const result = await client.query<Claims>({
    name: "deliveries_claim",
    text: CLAIM,
    values: [rows.map((row) => row.delivery.id), ...tableArrays(CLAIMS, [...claims.values()])],
  });
  return result.rows[0] as Claims;
}

/** A duplicate is of the row that holds one of its keys, which may be a duplicate itself. */
function settle(
  rows: readonly DeliveryRow[],
  { revision, present, holders }: Claims,
): readonly Stored[] {
  const firsts = new Map<string, string>();
  return rows.map(({ delivery, revision: judgedBy }) => {
    const before = present?.[delivery.id];
    if (before !== undefined) return before === null ? "own" : { duplicateOf: before };
    if (judgedBy !== null && judgedBy !== Number(revision)) return "stale";
    const holder = delivery.keys
      .map(({ key }) => holders?.[key.toString("hex")])
      .find((id) => id !== undefined && id !== delivery.id);
    if (holder === undefined) return "new";
    const first = firsts.get(holder) ?? holder;
    firsts.set(delivery.id, first);
    return { duplicateOf: first };
  });
}

/** Holders of earlier flushes may be duplicates themselves: then the first is what they repeat. */
async function namingFirsts(client: ClientBase, answers: readonly Stored[]): Promise<Stored[]> {
  const holders = answers.flatMap((answer) =>
    typeof answer === "object" ? [answer.duplicateOf] : [],
  );
  if (holders.length === 0) return [...answers];
  const result = await client.query<{ id: string; duplicate_of: string }>(
    "SELECT id, duplicate_of FROM deliveries WHERE id = ANY($1::uuid[]) AND duplicate_of IS NOT NULL",
    [holders],
  );
  const firstOf = new Map(result.rows.map((row) => [row.id, row.duplicate_of]));
  return answers.map((answer) =>
    typeof answer === "object"
      ? { duplicateOf: firstOf.get(answer.duplicateOf) ?? answer.duplicateOf }
      : answer,
  );
}

export interface StoredDelivery {
  readonly id: string;
  readonly channel: string;
  readonly source: string;
  readonly received_at: string;
  readonly sender_id: string | null;
  readonly headers: Record<string, string>;
  readonly body_bytes: number;
  /** Null where the body is the text of the event's data. */
  readonly body: Buffer | null;
  readonly verified_by: string;
  readonly event_id: string | null;
  readonly duplicate_of: string | null;
  readonly problem: string | null;
}

export async function findDelivery(pool: Pool, id: string): Promise<StoredDelivery | undefined> {
  const result = await pool.query<StoredDelivery>(
    `SELECT id, channel, source, received_at, sender_id, headers, body_bytes, body, verified_by, event_id,
            duplicate_of, problem FROM deliveries WHERE id = $1`,
    [id],
  );
  return result.rows[0];
}

/** Ids of the deliveries that repeat this one; the first 100. */
export async function findDuplicates(pool: Pool, id: string): Promise<string[]> {
  const result = await pool.query<{ id: string }>(
    "SELECT id FROM deliveries WHERE duplicate_of = $1 ORDER BY id LIMIT 100",
    [id],
  );
  return result.rows.map((row) => row.id);
}

/** The event of the delivery that a duplicate repeats; undefined when none came of it, or it is gone. */
export async function findFirstEvent(pool: Pool, duplicateId: string): Promise<string | undefined> {
  const result = await pool.query<{ event_id: string | null }>(
    `SELECT first.event_id FROM deliveries d JOIN deliveries first ON first.id = d.duplicate_of WHERE d.id = $1`,
    [duplicateId],
  );
  return result.rows[0]?.event_id ?? undefined;
}

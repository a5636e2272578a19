import type { ClientBase, Pool } from "pg";

/** An event judged again, to be kept. */
export interface ReplayRow {
  readonly eventId: string;
  readonly replay: number;
  readonly batch: string;
  readonly opId: string;
  readonly rule: string | null;
  readonly requestedBy: string;
}

/** The number that the next replay of an event draws, and the one that this batch has had already. */
export async function nextReplay(
  pool: Pool,
  eventId: string,
  batch: string,
): Promise<{ readonly next: number; readonly before: number | null }> {
  const result = await pool.query<{ next: number; before: number | null }>(
    `SELECT coalesce(max(replay), 0) + 1 AS next, max(replay) FILTER (WHERE batch = $2) AS before
     FROM replays WHERE event_id = $1`,
    [eventId, batch],
  );
  return result.rows[0] ?? { next: 1, before: null };
}

export interface ReplayHolders {
  /** Of the definitions, as the statement began. */
  readonly revision: number;
  /** By `event replay`. */
  readonly numbers: ReadonlyMap<string, { readonly batch: string; readonly opId: string }>;
}

/** Who has which numbers of these events, and the revision, in one statement. Locks nothing. */
export async function readHolders(
  client: ClientBase,
  eventIds: readonly string[],
): Promise<ReplayHolders> {
  const result = await client.query<{
    revision: string | number;
    held: { event_id: string; replay: number; batch: string; op_id: string }[] | null;
  }>({
    name: "replays_held",
    text: `SELECT (SELECT revision FROM definition_revision) AS revision,
             (SELECT json_agg(r) FROM replays r WHERE event_id = ANY($1::uuid[])) AS held`,
    values: [eventIds],
  });
  const held = result.rows[0]?.held ?? [];
  return {
    revision: Number(result.rows[0]?.revision ?? 0),
    numbers: new Map(
      held.map((row) => [`${row.event_id} ${row.replay}`, { batch: row.batch, opId: row.op_id }]),
    ),
  };
}

/**
 * Draws the numbers. Rows come sorted by key, so that two processes that draw the same wait for each other and do
 * not deadlock; a number or a batch that another transaction is drawing is waited for, and then left to it. Gives
 * the ops that have theirs.
 */
export async function insertReplays(
  client: ClientBase,
  rows: readonly ReplayRow[],
): Promise<ReadonlySet<string>> {
  if (rows.length === 0) return new Set();
  const result = await client.query<{ op_id: string }>({
    name: "replays_insert",
    text: `INSERT INTO replays (event_id, replay, batch, op_id, rule, requested_by)
           SELECT * FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::uuid[], $5::text[], $6::text[])
           ON CONFLICT DO NOTHING RETURNING op_id`,
    values: [
      rows.map((row) => row.eventId),
      rows.map((row) => row.replay),
      rows.map((row) => row.batch),
      rows.map((row) => row.opId),
      rows.map((row) => row.rule),
      rows.map((row) => row.requestedBy),
    ],
  });
  return new Set(result.rows.map((row) => row.op_id));
}

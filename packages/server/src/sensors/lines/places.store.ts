import type { Json } from "@yardmaster/protocol";
import type { ClientBase, Pool } from "pg";

/** How far the process of a sensor has come. */
export interface Place {
  readonly fence: number;
  /** Its events that are settled. */
  readonly lines: number;
  /** Of the definitions, as the statement began. */
  readonly revision: number;
}

/** Locks the rows to the end of the transaction, by ref, so that two processes wait for each other and never deadlock. */
export async function lockPlaces(
  client: ClientBase,
  refs: readonly string[],
): Promise<ReadonlyMap<string, Place>> {
  const { rows } = await client.query<{ ref: string } & Record<keyof Place, string | number>>({
    name: "sensors_lock_places",
    text: `SELECT ref, fence, lines, (SELECT revision FROM definition_revision) AS revision
           FROM sensors WHERE ref = ANY ($1) ORDER BY ref FOR UPDATE`,
    values: [[...new Set(refs)]],
  });
  return new Map(
    rows.map(({ ref, fence, lines, revision }) => [
      ref,
      { fence: Number(fence), lines: Number(lines), revision: Number(revision) },
    ]),
  );
}

export interface MovedPlace {
  readonly ref: string;
  readonly lines: number;
  /** Events that were stored on the way. */
  readonly stored: number;
  /** JSON text; undefined: it stays. */
  readonly cursor: string | undefined;
}

/** Under the lock. A process from before a reset moves no cursor. */
export async function movePlaces(client: ClientBase, moved: readonly MovedPlace[]): Promise<void> {
  if (moved.length === 0) return;
  await client.query({
    name: "sensors_move_places",
    text: `UPDATE sensors s SET lines = m.lines, stored = s.stored + m.stored,
             cursor = CASE WHEN s.fence > s.reset_fence THEN coalesce(m.cursor, s.cursor) ELSE s.cursor END,
             last_event_at = CASE WHEN m.stored > 0 THEN clock_timestamp() ELSE s.last_event_at END
           FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::json[]) AS m (ref, lines, stored, cursor)
           WHERE s.ref = m.ref`,
    values: [
      moved.map(({ ref }) => ref),
      moved.map(({ lines }) => lines),
      moved.map(({ stored }) => stored),
      moved.map(({ cursor }) => cursor ?? null),
    ],
  });
}

/** A cursor without an event; of a process from before a reset it goes nowhere. False: the sensor has another process by now. One row, by its key. */
export async function moveCursor(
  pool: Pool,
  { ref, fence }: { readonly ref: string; readonly fence: number },
  cursor: Json,
): Promise<boolean> {
  const result = await pool.query(
    `UPDATE sensors SET cursor = CASE WHEN fence > reset_fence THEN $3 ELSE cursor END
     WHERE ref = $1 AND fence = $2`,
    [ref, fence, JSON.stringify(cursor)],
  );
  return result.rowCount === 1;
}

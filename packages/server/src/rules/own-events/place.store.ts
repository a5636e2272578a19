import type { ClientBase, Pool } from "pg";
import type { Listening } from "./listening.ts";

/** How far the feed has become own events. */
export interface Place {
  /** Of the change feed: everything up to it is settled. */
  readonly cursor: string;
  readonly listening: Listening;
}

export async function readPlace(pool: Pool): Promise<Place> {
  const result = await pool.query<Place>("SELECT cursor, listening FROM own_event_place");
  const row = result.rows[0];
  if (row === undefined) throw new Error("own_event_place has lost its row (w4p1)");
  return row;
}

/**
 * Moves from one place to another where nobody has moved it meanwhile (the update waits for the row and looks again),
 * and where the definitions are still of the revision that the mover knows: rules that were changed before the
 * statement began are seen.
 */
export async function movePlace(
  pool: Pool,
  from: Place,
  to: Place,
  revision: number,
): Promise<boolean> {
  const result = await pool.query(
    `UPDATE own_event_place SET cursor = $3, listening = $4, moved_by = NULL
     WHERE cursor = $1 AND listening = $2
       AND EXISTS (SELECT FROM definition_revision WHERE revision = $5)`,
    [from.cursor, from.listening, to.cursor, to.listening, revision],
  );
  return result.rowCount === 1;
}

export interface LockedPlace {
  readonly cursor: string;
  readonly movedBy: string | null;
  readonly isListening: boolean;
  /** Of the definitions, as the statement began. */
  readonly revision: number;
}

/** Locks the one row to the end of the transaction: whoever makes own events holds it, so one does at a time. */
export async function lockPlace(client: ClientBase): Promise<LockedPlace | undefined> {
  const result = await client.query<{
    cursor: string;
    moved_by: string | null;
    listening: boolean;
    revision: string | number;
  }>(
    `SELECT cursor, moved_by, listening <> '{}' AS listening,
       (SELECT revision FROM definition_revision) AS revision
     FROM own_event_place FOR UPDATE`,
  );
  const row = result.rows[0];
  if (row === undefined) return undefined;
  const { cursor, moved_by, listening, revision } = row;
  return { cursor, movedBy: moved_by, isListening: listening, revision: Number(revision) };
}

/** Under the lock. */
export async function settlePlace(
  client: ClientBase,
  to: { readonly cursor: string; readonly opId: string },
): Promise<void> {
  await client.query("UPDATE own_event_place SET cursor = $1, moved_by = $2", [to.cursor, to.opId]);
}

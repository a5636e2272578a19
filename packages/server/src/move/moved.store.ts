import type { ClientBase, Pool } from "pg";

/** Where an installation went, and when (RFC 3339). */
export interface Moved {
  readonly to: string;
  readonly at: string;
}

export async function readMoved(pool: Pool): Promise<Moved | undefined> {
  const { rows } = await pool.query<Moved>(
    `SELECT moved_to AS "to", moved_at AS at FROM moved LIMIT 1`,
  );
  return rows[0];
}

/** From its commit on no process begins here: a trigger on `sessions` sees to it. */
export async function writeMoved(client: ClientBase, to: string): Promise<void> {
  await client.query("INSERT INTO moved (moved_to) VALUES ($1)", [to]);
}

/** Gives what is undone. */
export async function deleteMoved(pool: Pool): Promise<Moved | undefined> {
  const { rows } = await pool.query<Moved>(
    `DELETE FROM moved RETURNING moved_to AS "to", moved_at AS at`,
  );
  return rows[0];
}

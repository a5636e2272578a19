import type { ClientBase, Pool } from "pg";

/** Where an installation went, and when (RFC 3339). */
export interface Moved {
  readonly to: string;
  readonly at: string;
}

export async function readMoved(client: ClientBase | Pool): Promise<Moved | undefined> {
  const { rows } = await client.query<Moved>(
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

/** The names of what was migrated, and where the database lies: by them two are told apart. */
export interface Identity {
  /** Undefined where no installation is. */
  readonly newest: string | undefined;
  readonly place: string;
}

export async function readIdentity(client: ClientBase | Pool): Promise<Identity> {
  const { rows } = await client.query<{ isThere: boolean; place: string }>(
    `SELECT to_regclass('yard_migrations') IS NOT NULL AS "isThere",
       (SELECT system_identifier FROM pg_control_system()) || '.' ||
       (SELECT oid FROM pg_database WHERE datname = current_database()) || '.' || current_schema() AS place`,
  );
  const { isThere = false, place = "" } = rows[0] ?? {};
  if (!isThere) return { newest: undefined, place };
  const newest = await client.query<{ name: string }>(
    "SELECT name FROM yard_migrations ORDER BY number DESC LIMIT 1",
  );
  return { newest: newest.rows[0]?.name, place };
}

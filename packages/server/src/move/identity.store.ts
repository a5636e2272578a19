import type { Pool } from "pg";

/** What an installation was migrated to, and where its database lies: by them two are told apart. */
export interface Identity {
  /** Name of the newest migration; undefined where no installation is. */
  readonly newest: string | undefined;
  readonly place: string;
}

export async function readIdentity(pool: Pool): Promise<Identity> {
  const { rows } = await pool.query<{ isThere: boolean; place: string }>(
    `SELECT to_regclass('yard_migrations') IS NOT NULL AS "isThere",
       (SELECT system_identifier FROM pg_control_system()) || '.' ||
       (SELECT oid FROM pg_database WHERE datname = current_database()) || '.' || current_schema() AS place`,
  );
  const { isThere = false, place = "" } = rows[0] ?? {};
  if (!isThere) return { newest: undefined, place };
  const newest = await pool.query<{ name: string }>(
    "SELECT name FROM yard_migrations ORDER BY number DESC LIMIT 1",
  );
  return { newest: newest.rows[0]?.name, place };
}

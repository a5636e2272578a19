import type { ClientBase, Pool } from "pg";
import { OWN_SESSION } from "./pooler.ts";

export interface ServerFacts {
  /** As `server_version_num`: 180004 is 18.4. */
  readonly version: number;
  readonly versionText: string;
  readonly fsync: boolean;
  /** Of the database: `UTF8`. */
  readonly encoding: string;
  /** What OWN_SESSION is there; null where it was not taken. */
  readonly session: string | null;
}

export async function readServerFacts(client: ClientBase): Promise<ServerFacts> {
  const { rows } = await client.query<ServerFacts>(
    `select current_setting('server_version_num')::int as version,
            current_setting('server_version') as "versionText",
            current_setting('fsync')::bool as fsync,
            current_setting('server_encoding') as encoding,
            current_setting('${OWN_SESSION.name}', true) as session`,
  );
  return rows[0] as ServerFacts;
}

/** Locks nothing. @throws what a write would fail with (25006) where this server takes none: a standby, or read-only. */
export async function requireWritable(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ read_only: boolean }>(
    "select current_setting('transaction_read_only')::bool as read_only",
  );
  if (rows[0]?.read_only === true)
    throw Object.assign(new Error("PostgreSQL is read-only"), { code: "25006" });
}

import type { Pool } from "pg";

export interface PostgresFacts {
  /** As `server_version_num`. */
  readonly version: number;
  readonly version_text: string;
  readonly fsync: string;
  readonly synchronous_commit: string;
  readonly full_page_writes: string;
  readonly max_connections: number;
  readonly connections: number;
  readonly in_recovery: boolean;
  /** Unix milliseconds. */
  readonly clock_ms: number;
}

export async function readPostgresFacts(pool: Pool): Promise<PostgresFacts> {
  const { rows } = await pool.query<PostgresFacts>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS version_text,
       current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
       current_setting('full_page_writes') AS full_page_writes,
       current_setting('max_connections')::int AS max_connections,
       (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
       pg_is_in_recovery() AS in_recovery,
       (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS clock_ms`,
  );
  const [facts] = rows;
  if (facts === undefined) throw new Error("PostgreSQL told nothing of itself (d0c1)");
  return facts;
}

/** Something that keeps the oldest transaction of the whole cluster old. */
export interface HorizonHolder {
  /** How a person names it: a process, a prepared transaction, a replication slot. */
  readonly what: string;
  readonly age_s: number;
  /** It may have written here: readers of the change feed wait for it. Else it only keeps dead rows from being cleared. */
  readonly writes: boolean;
  /** What ends it, in SQL. */
  readonly remedy: string;
}

/**
 * What pins the horizon, the oldest first. Of other users' processes PostgreSQL tells no more than pid and name
 * unless ours has pg_read_all_stats. The text of their queries is left out: it may hold anything.
 */
export async function readHorizonHolders(pool: Pool, olderThanS: number): Promise<HorizonHolder[]> {
  const { rows } = await pool.query<HorizonHolder>(
    `SELECT format('process %s (%s) of user %s in database %s, %s', pid, coalesce(nullif(application_name, ''), 'no name'),
         coalesce(usename, '?'), coalesce(datname, '?'), coalesce(state, backend_type)) AS what,
       extract(epoch FROM clock_timestamp() - xact_start)::float8 AS age_s, 
         backend_xid IS NOT NULL AND datname IS NOT DISTINCT FROM current_database() AS writes,
       format('SELECT pg_terminate_backend(%s)', pid) AS remedy
     FROM pg_stat_activity
     WHERE pid <> pg_backend_pid() AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL)
       AND backend_type IS DISTINCT FROM 'walsender' AND backend_type IS DISTINCT FROM 'autovacuum worker'
       AND xact_start < clock_timestamp() - $1 * interval '1 second'
     UNION ALL
     SELECT format('prepared transaction %s of user %s in database %s', gid, owner, database),
       extract(epoch FROM clock_timestamp() - prepared)::float8, true, format('ROLLBACK PREPARED %L', gid)
     FROM pg_prepared_xacts WHERE prepared < clock_timestamp() - $1 * interval '1 second'
     UNION ALL
     SELECT format('replication slot %s', slot_name), age(coalesce(xmin, catalog_xmin))::float8, false,
       format('SELECT pg_drop_replication_slot(%L)', slot_name)
     FROM pg_replication_slots WHERE xmin IS NOT NULL AND NOT active
     ORDER BY 3 DESC, 2 DESC LIMIT 20`,
    [olderThanS],
  );
  return rows;
}

import type { ClientBase } from "pg";

/**
 * Says where this database is, for this and the next start; true where it was elsewhere before. Locks the one row to
 * the end of the transaction: of processes that start together, one finds it so.
 */
export async function recordPlace(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ moved: boolean }>(
    `UPDATE installation i SET place = here.place
     FROM (SELECT place AS was FROM installation FOR UPDATE) before,
          (SELECT system_identifier || '.' || d.oid AS place FROM pg_control_system(), pg_database d
           WHERE d.datname = current_database()) here
     WHERE i.place IS DISTINCT FROM here.place RETURNING before.was IS NOT NULL AS moved`,
  );
  return rows[0]?.moved === true;
}

/** Cursors of the feed as it was there mean nothing here. */
export async function beginEpoch(client: ClientBase): Promise<void> {
  await client.query("UPDATE installation SET epoch = gen_random_uuid()");
}

/**
 * Puts what was stored under the transaction numbers of another cluster before all that this one gives (its first is
 * 3): its own may be lower, and readers stop below the oldest that is open. Of ended runs logs are shown whatever
 * their numbers. Before anybody writes; it locks what it renumbers.
 */
export async function renumber(client: ClientBase): Promise<void> {
  await client.query("UPDATE changes SET xid = '1'");
  await client.query(
    `UPDATE log_segments l SET xid = r.place::text::xid8
     FROM (SELECT run_id, slot, number, seq, least(
             dense_rank() OVER (PARTITION BY run_id ORDER BY log_segments.xid),
             pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1) AS place
           FROM log_segments WHERE run_id IN (SELECT id FROM runs)) r
     WHERE (l.run_id, l.slot, l.number, l.seq) = (r.run_id, r.slot, r.number, r.seq)`,
  );
}

/**
 * Ends the sessions that came along. Their processes may go on beside this one, for the installation that the dump
 * was made of: under another host nobody takes them for orphans of this one.
 */
export async function endSessionsElsewhere(client: ClientBase): Promise<void> {
  await client.query(
    `UPDATE sessions SET host = host || ', before it was restored', ended_at = coalesce(ended_at, clock_timestamp()),
       end_reason = coalesce(end_reason, 'the database was restored elsewhere')
     WHERE NOT swept AND roles <> '{node}'`,
  );
}

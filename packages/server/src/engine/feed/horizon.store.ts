/**
 * The oldest transaction that may still write rows of this database: everything below it is there to see. A scalar in
 * SQL, worked out once for each statement that has it.
 *
 * A snapshot knows the open transactions of the whole cluster. One that PostgreSQL tells to be of another database does
 * not count: it cannot write here, and may stay open for hours. What it tells nothing of does (prepared transactions,
 * and what ended since the snapshot was taken, whose rows this snapshot does not show). `backend_xid` has the lower 32
 * bits; while one is open they are its own. PostgreSQL shows it to every role (decision 017).
 */
export const HORIZON = `coalesce((
  SELECT open.xid FROM pg_snapshot_xip(pg_current_snapshot()) AS open (xid)
  WHERE NOT EXISTS (
    SELECT FROM pg_stat_activity other
    WHERE other.backend_xid::text::bigint = open.xid::text::bigint % 4294967296
      AND other.datname <> current_database())
  ORDER BY open.xid LIMIT 1), pg_snapshot_xmax(pg_current_snapshot()))`;

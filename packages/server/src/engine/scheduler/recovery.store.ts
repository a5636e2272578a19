import type { Pool } from "pg";
import type { AttemptRow } from "../attempt-row.ts";

/**
 * Ends sessions whose life is over. Guarded by the expiry itself: a renewal that arrives first keeps the session.
 */
export async function endExpired(pool: Pool, own: string): Promise<{ id: string; host: string }[]> {
  const result = await pool.query<{ id: string; host: string }>(
    `UPDATE sessions SET ended_at = clock_timestamp(), end_reason = 'not renewed in time'
     WHERE ended_at IS NULL AND expires_at < clock_timestamp() AND id <> $1 RETURNING id, host`,
    [own],
  );
  return result.rows;
}

/** Ends sessions whose process is known to be gone. */
export async function endGone(pool: Pool, ids: readonly string[]): Promise<void> {
  await pool.query(
    `UPDATE sessions SET ended_at = clock_timestamp(), end_reason = 'its process is gone'
     WHERE id = ANY($1) AND ended_at IS NULL`,
    [ids],
  );
}

export interface LostLease extends AttemptRow {
  readonly sessionId: string;
  readonly host: string;
  readonly leasedAt: string;
}

/**
 * Attempts leased by sessions that have ended, but for those of some runs. Read again and again, so it does not matter
 * who dies meanwhile.
 */
export async function lostLeases(
  pool: Pool,
  limit: number,
  without: readonly string[],
): Promise<LostLease[]> {
  const result = await pool.query<LostLease>(
    `SELECT l.run_id AS "runId", l.slot, l.number, s.id AS "sessionId", s.host, l.leased_at AS "leasedAt"
     FROM sessions s JOIN leases l ON l.session_id = s.id
     WHERE NOT s.swept AND s.ended_at IS NOT NULL AND l.run_id <> ALL($2::uuid[]) LIMIT $1`,
    [limit, without],
  );
  return result.rows;
}

/** Takes those of runs that are gone away: nobody is to be told of them. */
export async function dropLost(pool: Pool, rows: readonly LostLease[]): Promise<void> {
  await pool.query(
    `DELETE FROM leases l USING (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS g (run_id, session_id)) gone
     WHERE l.run_id = gone.run_id AND l.session_id = gone.session_id
       AND NOT EXISTS (SELECT FROM runs r WHERE r.id = gone.run_id)`,
    [rows.map((row) => row.runId), rows.map((row) => row.sessionId)],
  );
}

export interface LostInstants {
  readonly runId: string;
  readonly sessionId: string;
}

/** Runs whose instant attempts were with sessions that have ended. */
export async function lostInstants(
  pool: Pool,
  limit: number,
  without: readonly string[],
): Promise<LostInstants[]> {
  const result = await pool.query<LostInstants>(
    `SELECT r.id AS "runId", s.id AS "sessionId" FROM sessions s JOIN runs r ON r.instant_by = s.id
     WHERE NOT s.swept AND s.ended_at IS NOT NULL AND r.id <> ALL($2::uuid[]) LIMIT $1`,
    [limit, without],
  );
  return result.rows;
}

/**
 * Takes the mark of an ended session away, once its instant attempts are recorded as lost. Needs no version: an
 * advance that is under way leaves the mark as it is, or the session that sets it would have found none.
 */
export async function clearInstants(pool: Pool, { runId, sessionId }: LostInstants): Promise<void> {
  await pool.query("UPDATE runs SET instant_by = NULL WHERE id = $1 AND instant_by = $2", [
    runId,
    sessionId,
  ]);
}

/**
 * Marks ended sessions that hold nothing, so that the scan for lost leases stays small. A minute's margin: a flush
 * that was under way when its session ended may commit leases a moment later.
 */
export async function sweepSessions(pool: Pool): Promise<void> {
  await pool.query(
    `UPDATE sessions s SET swept = true
     WHERE NOT swept AND ended_at < clock_timestamp() - interval '1 minute'
       AND NOT EXISTS (SELECT FROM leases l WHERE l.session_id = s.id)
       AND NOT EXISTS (SELECT FROM runs r WHERE r.instant_by = s.id)`,
  );
}

/** What recovery asks of the store. */
export interface RecoveryStore {
  endExpired(own: string): Promise<{ id: string; host: string }[]>;
  endGone(ids: readonly string[]): Promise<void>;
  lostLeases(limit: number, without: readonly string[]): Promise<LostLease[]>;
  dropLost(rows: readonly LostLease[]): Promise<void>;
  lostInstants(limit: number, without: readonly string[]): Promise<LostInstants[]>;
  clearInstants(lost: LostInstants): Promise<void>;
  sweepSessions(): Promise<void>;
}

export function createRecoveryStore(pool: Pool): RecoveryStore {
  return {
    endExpired: (own) => endExpired(pool, own),
    endGone: (ids) => endGone(pool, ids),
    lostLeases: (limit, without) => lostLeases(pool, limit, without),
    dropLost: (rows) => dropLost(pool, rows),
    lostInstants: (limit, without) => lostInstants(pool, limit, without),
    clearInstants: (lost) => clearInstants(pool, lost),
    sweepSessions: () => sweepSessions(pool),
  };
}

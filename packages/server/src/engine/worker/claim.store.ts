import type { Json } from "@yardmaster/protocol";
import type { Pool } from "pg";
import type { AttemptRow } from "../scheduler/scheduler.store.ts";

/** Who claims: the session that is to hold the leases, and an id of its own for each claim. */
export interface Claimer {
  readonly sessionId: string;
  readonly claimId: string;
}

/** A leased row, with what is needed to find its definition. */
export interface ClaimedRow {
  readonly runId: string;
  readonly slot: string;
  readonly number: number;
  readonly input: Json;
  readonly ref: string;
  readonly packDigest: string | null;
  readonly traceparent: string | null;
}

/*
 * Claims come in bursts, over connections that have planned them when hardly anything waited. A join planned so looks
 * at every row of a table that has grown since (0.5 s with 100,000 waiting, and minutes in a lane with keys), until
 * PostgreSQL analyzes it, a minute later. So nothing in them is left to be planned: rows of `dispatch` go on by their
 * place (ctid), and those of `runs` are looked up one by one (OFFSET 0, and a subselect that is no EXISTS).
 */

/** Moves the rows that were `picked` to `leases`, and gives them, with `more` columns; `$1` is the session, `$2` the claim. */
export const leasePicked = (more = ""): string => `
  taken AS (
    DELETE FROM dispatch WHERE ctid = ANY (ARRAY(SELECT ctid FROM picked))
    RETURNING run_id, slot, number, input, queue, key
  ), leased AS (
    INSERT INTO leases (run_id, slot, number, session_id, leased_at, queue, key, claim_id, input)
    SELECT run_id, slot, number, $1, clock_timestamp(), queue, key, $2, input FROM taken
  ), fed AS (
    INSERT INTO changes (items)
    SELECT json_agg(json_build_object('type', 'attempt.started', 'id', run_id, 'step', slot, 'attempt', number))
    FROM taken HAVING count(*) > 0
  )
  SELECT t.run_id AS "runId", t.slot, t.number, t.input, r.ref, r.pack_digest AS "packDigest", r.traceparent${more}
  FROM taken t CROSS JOIN LATERAL (SELECT * FROM runs WHERE id = t.run_id OFFSET 0) r`;

/**
 * Of a run that is being canceled nothing is started; its canceller ends what waits. Neither of one whose cancel waits for
 * somebody who has its definition, nor of a paused one.
 */
export const WANTED =
  "(SELECT r.canceling OR r.paused_by IS NOT NULL OR r.cancel_asked_at IS NOT NULL FROM runs r WHERE r.id = d.run_id) IS NOT TRUE";

/** Held by a session that was not ended; an ended one must lease nothing. */
export const LIVING = "EXISTS (SELECT FROM sessions WHERE id = $1 AND ended_at IS NULL)";

/**
 * Leases up to `limit` ready attempts that are in no lane, oldest runs of the best priority first.
 * Locks the rows it takes and skips those that others are taking; nobody waits, no row is leased twice.
 */
export async function claimReady(
  pool: Pool,
  { sessionId, claimId }: Claimer,
  runner: string,
  limit: number,
): Promise<ClaimedRow[]> {
  const result = await pool.query<ClaimedRow>({
    name: "engine_claim",
    text: `WITH picked AS (
      SELECT ctid FROM dispatch d
      WHERE state = 'ready' AND queue = '' AND runner = $3 AND ${WANTED} AND ${LIVING}
      ORDER BY priority, run_id, slot LIMIT $4 FOR UPDATE SKIP LOCKED
    ), ${leasePicked()}`,
    values: [sessionId, claimId, runner, limit],
  });
  return result.rows;
}

/** What these claims of the session leased and holds still; asked when their answers were lost. */
export async function leasedByClaims(
  pool: Pool,
  sessionId: string,
  claimIds: readonly string[],
): Promise<(ClaimedRow & { readonly claimId: string })[]> {
  const result = await pool.query<ClaimedRow & { readonly claimId: string }>(
    `SELECT l.claim_id AS "claimId", l.run_id AS "runId", l.slot, l.number, l.input, r.ref,
       r.pack_digest AS "packDigest", r.traceparent
     FROM leases l JOIN runs r ON r.id = l.run_id
     WHERE l.session_id = $1 AND l.claim_id = ANY($2::uuid[])`,
    [sessionId, claimIds],
  );
  return result.rows;
}

/**
 * Of these leases of the session, those that it has still. A run may have been ended, with its leases, while a claim of
 * one was under way: then the lease alone is left, which nobody else would take away.
 */
export async function stillLeased(
  pool: Pool,
  sessionId: string,
  rows: readonly AttemptRow[],
): Promise<AttemptRow[]> {
  const result = await pool.query<AttemptRow>(
    `WITH asked AS (SELECT * FROM unnest($2::uuid[], $3::text[], $4::int[]) AS a (run_id, slot, number)),
     left_over AS (
       DELETE FROM leases l USING asked a
       WHERE l.run_id = a.run_id AND l.slot = a.slot AND l.number = a.number AND l.session_id = $1
         AND NOT EXISTS (SELECT FROM runs r WHERE r.id = a.run_id)
     )
     SELECT l.run_id AS "runId", l.slot, l.number
     FROM asked a JOIN leases l ON l.run_id = a.run_id AND l.slot = a.slot AND l.number = a.number JOIN runs r ON r.id = l.run_id
     WHERE l.session_id = $1`,
    [
      sessionId,
      rows.map(({ runId }) => runId),
      rows.map(({ slot }) => slot),
      rows.map(({ number }) => number),
    ],
  );
  return result.rows;
}

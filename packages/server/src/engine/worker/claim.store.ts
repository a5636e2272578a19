import type { Json } from "@yardmaster/protocol";
import type { Pool } from "pg";
import type { AttemptRow } from "../attempt-row.ts";
import { byTurn } from "./turn.store.ts";

/** Who claims: the session that is to hold the leases, an id of its own for each claim, and what it could not carry out. */
export interface Claimer {
  readonly sessionId: string;
  readonly claimId: string;
  /** Packs (digests) and built-in actions (refs) whose definitions it does not have. */
  readonly without?: readonly string[];
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
  /** As what it waited; undefined where it is not the claim that says so. */
  readonly waited?: WaitedAs;
}

/** A lease that its claimer has not handed over: of that claim, since what was put back may be claimed anew. */
export type HeldRow = ClaimedRow & { readonly claimId: string };

/** What of a row in `dispatch` its lease does not hold. */
export interface WaitedAs {
  readonly runner: string;
  /** Of its action. */
  readonly ref: string;
  readonly priority: number;
}

/*
 * Claims come in bursts, over connections that have planned them when hardly anything waited. A join planned so looks
 * at every row of a table that has grown since (0.5 s with 100,000 waiting, and minutes in a lane with keys), until
 * PostgreSQL analyzes it, a minute later. So nothing in them is left to be planned: rows of `dispatch` go on by their
 * place (ctid), and those of `runs` are looked up one by one (OFFSET 0, and a subselect that is no EXISTS).
 */

/** Moves the rows that were `picked` to `leases`, and gives them, with `more` columns; `$1` is the session, `$2` the claim, `$3` what it is without. */
export const leasePicked = (more = ""): string => `
  taken AS (
    DELETE FROM dispatch WHERE ctid = ANY (ARRAY(SELECT ctid FROM picked))
    RETURNING run_id, slot, number, input, queue, key, runner, ref, priority
  ), leased AS (
    INSERT INTO leases (run_id, slot, number, session_id, leased_at, queue, key, claim_id, input)
    SELECT run_id, slot, number, $1, clock_timestamp(), queue, key, $2, input FROM taken
  ), fed AS (
    INSERT INTO changes (items)
    SELECT json_agg(json_build_object('type', 'attempt.started', 'id', run_id, 'step', slot, 'attempt', number))
    FROM taken HAVING count(*) > 0
  )
  SELECT t.run_id AS "runId", t.slot, t.number, t.input, r.ref, r.pack_digest AS "packDigest", r.traceparent,
    json_build_object('runner', t.runner, 'ref', t.ref, 'priority', t.priority) AS waited${more}
  FROM taken t CROSS JOIN LATERAL (SELECT * FROM runs WHERE id = t.run_id OFFSET 0) r`;

/**
 * Of a run that is being canceled nothing is started; its canceller ends what waits. Neither of one whose cancel waits for
 * somebody who has its definition, nor of a paused one. What this process has no definition of is for others.
 */
export const WANTED = `(SELECT r.canceling OR r.paused_by IS NOT NULL OR r.cancel_asked_at IS NOT NULL
  OR coalesce(r.pack_digest, r.ref) = ANY($3::text[]) FROM runs r WHERE r.id = d.run_id) IS NOT TRUE`;

/** Held by a session that was not ended; an ended one must lease nothing. */
export const LIVING = "EXISTS (SELECT FROM sessions WHERE id = $1 AND ended_at IS NULL)";

/**
 * Leases up to `limit` ready attempts that are in no lane, oldest runs of the best priority first.
 * Locks the rows it takes and skips those that others are taking; nobody waits, no row is leased twice.
 */
export async function claimReady(
  pool: Pool,
  { sessionId, claimId, without = [] }: Claimer,
  runner: string,
  limit: number,
): Promise<ClaimedRow[]> {
  const result = await pool.query<ClaimedRow>({
    name: "engine_claim",
    text: `WITH picked AS (
      SELECT ctid FROM dispatch d
      WHERE state = 'ready' AND queue = '' AND runner = $4 AND ${WANTED} AND ${LIVING}
      ORDER BY ${byTurn("d")} LIMIT $5 FOR UPDATE SKIP LOCKED
    ), ${leasePicked()}`,
    values: [sessionId, claimId, without, runner, limit],
  });
  return result.rows;
}

/** What these claims of the session leased and holds still; asked when their answers were lost. */
export async function leasedByClaims(
  pool: Pool,
  sessionId: string,
  claimIds: readonly string[],
): Promise<HeldRow[]> {
  const result = await pool.query<HeldRow>(
    `SELECT l.claim_id AS "claimId", l.run_id AS "runId", l.slot, l.number, l.input, r.ref,
       r.pack_digest AS "packDigest", r.traceparent
     FROM leases l JOIN runs r ON r.id = l.run_id
     WHERE l.session_id = $1 AND l.claim_id = ANY($2::uuid[])`,
    [sessionId, claimIds],
  );
  return result.rows;
}

/**
 * Of these leases of the session, those that it has still, by the same claim. A run may have been ended, with its leases, while a claim of
 * one was under way: then the lease alone is left, which nobody else would take away.
 */
export async function stillLeased(
  pool: Pool,
  sessionId: string,
  rows: readonly HeldRow[],
): Promise<AttemptRow[]> {
  const result = await pool.query<AttemptRow>(
    `WITH asked AS (SELECT * FROM unnest($2::uuid[], $3::text[], $4::int[], $5::uuid[]) AS a (run_id, slot, number, claim_id)),
     left_over AS (
       DELETE FROM leases l USING asked a
       WHERE l.run_id = a.run_id AND l.slot = a.slot AND l.number = a.number AND l.session_id = $1
         AND NOT EXISTS (SELECT FROM runs r WHERE r.id = a.run_id)
     )
     SELECT l.run_id AS "runId", l.slot, l.number
     FROM asked a JOIN leases l ON l.run_id = a.run_id AND l.slot = a.slot AND l.number = a.number JOIN runs r ON r.id = l.run_id
     WHERE l.session_id = $1 AND l.claim_id = a.claim_id`,
    [
      sessionId,
      rows.map(({ runId }) => runId),
      rows.map(({ slot }) => slot),
      rows.map(({ number }) => number),
      rows.map(({ claimId }) => claimId),
    ],
  );
  return result.rows;
}

/**
 * Puts attempts back that the session leased and cannot carry out: for another process, or for later. The locks keep two
 * things apart from it that would not see where the row has gone: the end of the session, after which its leases are lost,
 * and the wish for a cancel, after which the run may be ended as its rows stand (such a lease stays). Says which are back.
 */
export async function putBack(
  pool: Pool,
  sessionId: string,
  rows: readonly (HeldRow & { readonly waited: WaitedAs })[],
): Promise<AttemptRow[]> {
  const result = await pool.query<AttemptRow>(
    `WITH asked AS (
       SELECT * FROM unnest($2::uuid[], $3::text[], $4::int[], $5::uuid[], $6::text[], $7::text[], $8::smallint[])
         AS a (run_id, slot, number, claim_id, runner, ref, priority)
     ), living AS MATERIALIZED (SELECT 1 FROM sessions WHERE id = $1 AND ended_at IS NULL FOR SHARE),
     held AS MATERIALIZED (
       SELECT r.id FROM runs r WHERE r.id = ANY($2::uuid[]) AND r.cancel_asked_at IS NULL AND EXISTS (SELECT FROM living)
       ORDER BY r.id FOR SHARE
     ), taken AS (
       DELETE FROM leases l USING asked a JOIN held ON held.id = a.run_id
       WHERE l.run_id = a.run_id AND l.slot = a.slot AND l.number = a.number AND l.session_id = $1 AND l.claim_id = a.claim_id
       RETURNING l.run_id, l.slot, l.number, l.queue, l.key, l.input, a.runner, a.ref, a.priority
     )
     INSERT INTO dispatch (run_id, slot, number, state, runner, ref, input, queue, key, priority, ready_at)
     SELECT run_id, slot, number, 'ready', runner, ref, input, queue, key, priority, clock_timestamp() FROM taken
     RETURNING run_id AS "runId", slot, number`,
    [
      sessionId,
      rows.map(({ runId }) => runId),
      rows.map(({ slot }) => slot),
      rows.map(({ number }) => number),
      rows.map(({ claimId }) => claimId),
      rows.map(({ waited }) => waited.runner),
      rows.map(({ waited }) => waited.ref),
      rows.map(({ waited }) => waited.priority),
    ],
  );
  return result.rows;
}

import type { LaneLimits, LaneRate } from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";
import type { ClientBase, Pool } from "pg";

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

/** Moves what was picked to `leases`; `$1` is the session, `$2` the claim. */
const LEASE = `
  taken AS (
    DELETE FROM dispatch d USING picked p WHERE d.run_id = p.run_id AND d.slot = p.slot AND d.number = p.number
    RETURNING d.run_id, d.slot, d.number, d.input, d.queue, d.key
  ), leased AS (
    INSERT INTO leases (run_id, slot, number, session_id, leased_at, queue, key, claim_id, input)
    SELECT run_id, slot, number, $1, clock_timestamp(), queue, key, $2, input FROM taken
  ), fed AS (
    INSERT INTO changes (items)
    SELECT json_agg(json_build_object('type', 'attempt.started', 'id', run_id, 'step', slot, 'attempt', number))
    FROM taken HAVING count(*) > 0
  )
  SELECT t.run_id AS "runId", t.slot, t.number, t.input, r.ref, r.pack_digest AS "packDigest", r.traceparent
  FROM taken t JOIN runs r ON r.id = t.run_id`;

/** Of a run that is being canceled nothing is started; its canceller ends what waits. Of a paused one neither. */
const WANTED =
  "NOT EXISTS (SELECT FROM runs r WHERE r.id = d.run_id AND (r.canceling OR r.paused_by IS NOT NULL))";

/** Held by a session that was not ended; an ended one must lease nothing. */
const LIVING = "EXISTS (SELECT FROM sessions WHERE id = $1 AND ended_at IS NULL)";

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
      SELECT run_id, slot, number FROM dispatch d
      WHERE state = 'ready' AND queue = '' AND runner = $3 AND ${WANTED} AND ${LIVING}
      ORDER BY priority, run_id, slot LIMIT $4 FOR UPDATE SKIP LOCKED
    ), ${LEASE}`,
    values: [sessionId, claimId, runner, limit],
  });
  return result.rows;
}

/** A lane with ready attempts; `inMs` is until its rate has room again, 0 where it has. */
export interface WaitingLane {
  readonly queue: string;
  readonly inMs: number;
}

/**
 * Lanes that have ready attempts and, as far as can be seen without their lock, room for more: by a loose scan of
 * their index. Whoever frees a place says so, so that a lane that is passed by as full is looked at again; without
 * this every end of an attempt in a full lane would have all processes wait for its lock.
 */
export async function waitingLanes(pool: Pool): Promise<WaitingLane[]> {
  const result = await pool.query<WaitingLane>(
    `WITH RECURSIVE lane AS (
       (SELECT queue FROM dispatch WHERE state = 'ready' AND queue <> '' ORDER BY queue LIMIT 1)
       UNION ALL
       SELECT (SELECT d.queue FROM dispatch d WHERE d.state = 'ready' AND d.queue <> '' AND d.queue > lane.queue
               ORDER BY d.queue LIMIT 1) FROM lane WHERE lane.queue IS NOT NULL
     ) SELECT lane.queue,
       coalesce(greatest(extract(epoch FROM q.next_start_at - clock_timestamp()) * 1000, 0), 0)::float8 AS "inMs"
     FROM lane LEFT JOIN queues q ON q.name = lane.queue
     WHERE lane.queue IS NOT NULL AND q.paused_by IS NULL AND (q.concurrency IS NULL
       OR q.concurrency > (SELECT count(*) FROM leases l WHERE l.queue = lane.queue AND l.queue <> ''))`,
  );
  return result.rows;
}

/** A lane while its row is locked. */
export interface LockedLane extends LaneLimits {
  readonly rate: LaneRate | null;
  readonly paused: boolean;
}

const UNLIMITED: LockedLane = {
  ...{ concurrency: null, keyConcurrency: null },
  ...{ fifo: false, paused: false, rate: null },
};

/**
 * The lane's limits, with its row locked: until the transaction ends nobody else admits to it, or draws a position
 * before one of its keys. A lane that is not defined (any more) has no limits.
 */
export async function lockLane(client: ClientBase, queue: string): Promise<LockedLane> {
  const result = await client.query<LockedLane>(
    `SELECT concurrency, key_concurrency AS "keyConcurrency", fifo, paused_by IS NOT NULL AS paused,
       CASE WHEN rate_starts IS NOT NULL THEN json_build_object('starts', rate_starts, 'perMs', rate_per_ms) END AS rate
     FROM queues WHERE name = $1 FOR UPDATE`,
    [queue],
  );
  return result.rows[0] ?? UNLIMITED;
}

export async function leasedInLane(client: ClientBase, queue: string): Promise<number> {
  const result = await client.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM leases WHERE queue = $1 AND queue <> ''",
    [queue],
  );
  return result.rows[0]?.count ?? 0;
}

/** Leases ready attempts of a lane without limits by key. The lane's row is locked by the caller. */
export async function claimLane(
  client: ClientBase,
  { sessionId, claimId }: Claimer,
  queue: string,
  runner: string,
  limit: number,
): Promise<ClaimedRow[]> {
  const result = await client.query<ClaimedRow>({
    name: "engine_claim_lane",
    text: `WITH picked AS (
      SELECT run_id, slot, number FROM dispatch d
      WHERE state = 'ready' AND queue = $5 AND queue <> '' AND runner = $3 AND ${WANTED} AND ${LIVING}
      ORDER BY priority, run_id, slot LIMIT $4 FOR UPDATE SKIP LOCKED
    ), ${LEASE}`,
    values: [sessionId, claimId, runner, limit, queue],
  });
  return result.rows;
}

/** Keys that one claim looks at, at most; the rest has its turn when these are leased or gone. */
const KEYS_A_CLAIM = 1_000;

/**
 * Leases ready attempts of a lane that limits each key, or keeps its runs in order. The lane's row is locked by the
 * caller, so the counts and the heads of the lines stand still. In a FIFO lane only the run at the head of its
 * key's line is served, and it stays there until it is final.
 */
export async function claimKeyedLane(
  client: ClientBase,
  { sessionId, claimId }: Claimer,
  queue: string,
  runner: string,
  limit: number,
  limits: LaneLimits,
): Promise<ClaimedRow[]> {
  const result = await client.query<ClaimedRow>({
    name: "engine_claim_keyed_lane",
    text: `WITH RECURSIVE lane_key AS (
      (SELECT key FROM dispatch WHERE state = 'ready' AND queue = $5 AND queue <> '' ORDER BY key LIMIT 1)
      UNION ALL
      SELECT (SELECT d.key FROM dispatch d WHERE d.state = 'ready' AND d.queue = $5 AND d.queue <> '' AND d.key > lane_key.key
              ORDER BY d.key LIMIT 1) FROM lane_key WHERE lane_key.key IS NOT NULL
    ), keys AS (SELECT key FROM lane_key WHERE key IS NOT NULL LIMIT ${KEYS_A_CLAIM}),
    candidates AS (
      SELECT c.* FROM keys k
      CROSS JOIN LATERAL (SELECT count(*) AS leased FROM leases l WHERE l.queue = $5 AND l.queue <> '' AND l.key = k.key) busy
      CROSS JOIN LATERAL (
        SELECT d.run_id, d.slot, d.number, d.priority FROM dispatch d
        WHERE d.state = 'ready' AND d.queue = $5 AND d.queue <> '' AND d.key = k.key AND d.runner = $3 AND ${WANTED}
          AND (NOT $6 OR d.run_id = (SELECT q.run_id FROM queue_keys q WHERE q.queue = $5 AND q.key = k.key
                                     ORDER BY q.position LIMIT 1))
        ORDER BY d.priority, d.run_id, d.slot LIMIT greatest(coalesce($7::int - busy.leased, $4::int), 0)
      ) c
      WHERE ${LIVING}
      UNION ALL
      SELECT d.run_id, d.slot, d.number, d.priority FROM dispatch d
      WHERE d.state = 'ready' AND d.queue = $5 AND d.queue <> '' AND d.key IS NULL AND d.runner = $3 AND ${WANTED} AND ${LIVING}
    ), picked AS (
      SELECT d.run_id, d.slot, d.number FROM dispatch d
      JOIN (SELECT * FROM candidates ORDER BY priority, run_id, slot LIMIT $4) c USING (run_id, slot, number)
      FOR UPDATE OF d SKIP LOCKED
    ), ${LEASE}`,
    values: [sessionId, claimId, runner, limit, queue, limits.fifo, limits.keyConcurrency],
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

import type { LaneLimits, LaneRate } from "@yardmaster/kernel";
import type { ClientBase, Pool } from "pg";
import { type ClaimedRow, type Claimer, LIVING, leasePicked, WANTED } from "./claim.store.ts";
import type { RunnerKind } from "./runner-kind.ts";
import { byTurn } from "./turn.store.ts";

/** A lane with ready attempts; `inMs` is until its rate has room again, 0 where it has. */
export interface WaitingLane {
  readonly queue: string;
  readonly inMs: number;
  /** What of a worker they would take a place of; none where all of them are for nodes. */
  readonly kinds: readonly RunnerKind[];
}

const READY_OF = (runner: RunnerKind): string =>
  `EXISTS (SELECT FROM dispatch d WHERE d.state = 'ready' AND d.queue = lane.queue AND d.queue <> '' AND d.runner = '${runner}')`;

/**
 * Lanes that have ready attempts for workers and, as far as can be seen without their lock, room for more: by a loose
 * scan of their index. Whoever frees a place says so, so that a lane that is passed by as full is looked at again;
 * without this every end of an attempt in a full lane would have all processes wait for its lock.
 */
export async function waitingLanes(pool: Pool): Promise<WaitingLane[]> {
  const result = await pool.query<WaitingLane>(
    `WITH RECURSIVE lane AS (
       (SELECT queue FROM dispatch WHERE state = 'ready' AND queue <> '' ORDER BY queue LIMIT 1)
       UNION ALL
       SELECT (SELECT d.queue FROM dispatch d WHERE d.state = 'ready' AND d.queue <> '' AND d.queue > lane.queue
               ORDER BY d.queue LIMIT 1) FROM lane WHERE lane.queue IS NOT NULL
     ) SELECT lane.queue,
       coalesce(greatest(extract(epoch FROM q.next_start_at - clock_timestamp()) * 1000, 0), 0)::float8 AS "inMs",
       array_remove(ARRAY[CASE WHEN ${READY_OF("core")} THEN 'core' END,
                          CASE WHEN ${READY_OF("process")} THEN 'process' END], NULL) AS kinds
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
  { sessionId, claimId, without = [] }: Claimer,
  queue: string,
  runner: string,
  limit: number,
): Promise<ClaimedRow[]> {
  const result = await client.query<ClaimedRow>({
    name: "engine_claim_lane",
    text: `WITH picked AS (
      SELECT ctid FROM dispatch d
      WHERE state = 'ready' AND queue = $6 AND queue <> '' AND runner = $4 AND ${WANTED} AND ${LIVING}
      ORDER BY ${byTurn("d")} LIMIT $5 FOR UPDATE SKIP LOCKED
    ), ${leasePicked()}`,
    values: [sessionId, claimId, without, runner, limit, queue],
  });
  return result.rows;
}

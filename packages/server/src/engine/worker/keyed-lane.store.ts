import type { LaneLimits } from "@yardmaster/kernel";
import type { ClientBase } from "pg";
import { type ClaimedRow, type Claimer, LIVING, leasePicked, WANTED } from "./claim.store.ts";
import { byTurn } from "./turn.store.ts";

/*
 * Claims from a lane that limits each key, or keeps its runs in order. The lane's row is locked by the caller, so the
 * counts and the heads of the lines stand still. In a FIFO lane only the run at the head of its key's line is served,
 * and it stays there until it is final.
 *
 * What stands first may all be blocked, by keys that are busy or held: as many rows as an installation has. So a claim
 * looks at a stretch of the lane in the order of admission and, where that is not enough, at a page of its keys: each
 * costs the same however much waits.
 */

/** What a claim from a keyed lane is about. */
export interface KeyedClaim {
  readonly claimer: Claimer;
  readonly queue: string;
  readonly runner: string;
  readonly limit: number;
  readonly limits: LaneLimits;
}

const READY = "d.state = 'ready' AND d.queue = $6 AND d.queue <> '' AND d.runner = $4";
const leasedOf = (key: string): string =>
  `(SELECT count(*) FROM leases l WHERE l.queue = $6 AND l.queue <> '' AND l.key = ${key})`;
const headOf = (key: string): string =>
  `(SELECT q.run_id FROM queue_keys q WHERE q.queue = $6 AND q.key = ${key} ORDER BY q.position LIMIT 1)`;
const COLUMNS = "d.ctid, d.run_id, d.slot, d.priority";
const BY_TURN = byTurn("d");
/** The best of the candidates, locked. */
const PICKED = `picked AS (
    SELECT ctid FROM dispatch
    WHERE ctid = ANY (ARRAY(SELECT d.ctid FROM candidates d ORDER BY ${BY_TURN} LIMIT $5)) FOR UPDATE SKIP LOCKED
  )`;

function valuesOf({ claimer, queue, runner, limit, limits }: KeyedClaim): unknown[] {
  const { sessionId, claimId, without = [] } = claimer;
  return [sessionId, claimId, without, runner, limit, queue, limits.fifo, limits.keyConcurrency];
}

/**
 * Leases of the first `stretch` ready attempts: whatever it finds comes before all that it did not look at. `isAll`:
 * it is known that there are no others.
 */
export async function claimFront(
  client: ClientBase,
  claim: KeyedClaim,
  stretch: number,
): Promise<{ readonly rows: ClaimedRow[]; readonly isAll: boolean }> {
  const result = await client.query<ClaimedRow & { seen: number }>({
    name: "engine_claim_front",
    text: `WITH front AS MATERIALIZED (
    SELECT ${COLUMNS}, d.key FROM dispatch d WHERE ${READY} ORDER BY ${BY_TURN} LIMIT $9
  ), turns AS (
    SELECT d.*, row_number() OVER (PARTITION BY d.key ORDER BY ${BY_TURN}) AS turn FROM front d
    WHERE (d.key IS NULL OR NOT $7 OR d.run_id = ${headOf("d.key")}) AND ${WANTED} AND ${LIVING}
  ), candidates AS (
    SELECT * FROM turns d WHERE d.key IS NULL OR $8::int IS NULL OR d.turn <= $8 - ${leasedOf("d.key")}
  ), ${PICKED}, ${leasePicked(", (SELECT count(*)::int FROM front) AS seen")}`,
    values: [...valuesOf(claim), stretch],
  });
  const isAll = result.rows.some(({ seen }) => seen < stretch);
  return { rows: result.rows.map(({ seen: _, ...row }) => row), isAll };
}

/** The next keys that have ready attempts, in their order, after one or from the first on: by a loose scan. */
export async function nextKeys(
  client: ClientBase,
  { queue, runner }: KeyedClaim,
  after: string | undefined,
  limit: number,
): Promise<string[]> {
  const next = (from: string): string =>
    `SELECT d.key FROM dispatch d WHERE d.state = 'ready' AND d.queue = $1 AND d.queue <> '' AND d.runner = $2
       AND ${from} ORDER BY d.key LIMIT 1`;
  const result = await client.query<{ key: string }>({
    name: `engine_lane_keys_${after === undefined ? "from_first" : "after"}`,
    text: `WITH RECURSIVE line AS (
    (${next(after === undefined ? "d.key IS NOT NULL AND $4::text IS NULL" : "d.key > $4")})
    UNION ALL
    SELECT next.key FROM line CROSS JOIN LATERAL (${next("d.key > line.key")}) next
  ) SELECT key FROM line LIMIT $3`,
    values: [queue, runner, limit, after ?? null],
  });
  return result.rows.map(({ key }) => key);
}

/**
 * Leases of these keys, and of what has none. The rows of a FIFO key's head are found by its run (OFFSET keeps the
 * planner from another way), since others may stand before them; and those without a key by the order of the index that
 * has them in a row.
 */
export async function claimKeys(
  client: ClientBase,
  claim: KeyedClaim,
  keys: readonly string[],
): Promise<ClaimedRow[]> {
  const ofKey = claim.limits.fifo
    ? `SELECT ${COLUMNS} FROM (SELECT ctid, * FROM dispatch WHERE run_id = ${headOf("k.key")} OFFSET 0) d
       WHERE ${READY} AND d.key = k.key AND $7`
    : `SELECT ${COLUMNS} FROM dispatch d WHERE ${READY} AND d.key = k.key AND NOT $7`;
  const result = await client.query<ClaimedRow>({
    name: `engine_claim_keys${claim.limits.fifo ? "_fifo" : ""}`,
    text: `WITH candidates AS (
    SELECT one.* FROM unnest($9::text[]) AS k(key) CROSS JOIN LATERAL (
      ${ofKey} AND ${WANTED} ORDER BY ${BY_TURN} LIMIT greatest(coalesce($8::int - ${leasedOf("k.key")}, $5::int), 0)
    ) one WHERE ${LIVING}
    UNION ALL
    (SELECT ${COLUMNS} FROM dispatch d WHERE ${READY} AND d.key IS NULL AND ${WANTED} AND ${LIVING}
     ORDER BY d.key, ${BY_TURN} LIMIT $5)
  ), ${PICKED}, ${leasePicked()}`,
    values: [...valuesOf(claim), keys],
  });
  return result.rows;
}

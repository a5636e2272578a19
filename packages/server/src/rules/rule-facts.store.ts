import type { Decision } from "@yardmaster/protocol";
import { sql } from "kysely";
import type { Pool } from "pg";
import { kyselyFor } from "../db/index.ts";
import { type Filtered, firstIdAt, meantBy } from "../events/index.ts";

/** How often each rule matched; `atLeast` where there were more matches than are counted. */
export interface MatchedLately {
  readonly atLeast: boolean;
  readonly of: ReadonlyMap<string, { readonly count: number; readonly lastAt: string }>;
}

/** Most matches that are counted, the newest first: some 30 ms of reading in one index. */
const MAX_COUNTED = 100_000;

/** Of events that arrived since a time (RFC 3339). */
export async function matchedLately(pool: Pool, since: string): Promise<MatchedLately> {
  const result = await pool.query<{ rule: string; count: number; last_at: string }>(
    `SELECT rule, count(*)::int AS count, max(decided_at) AS last_at FROM (
       SELECT rule, decided_at FROM decisions WHERE status = 'matched' AND event_id >= $1
       ORDER BY event_id DESC LIMIT $2) AS lately GROUP BY rule`,
    [firstIdAt(since), MAX_COUNTED],
  );
  const counted = result.rows.reduce((sum, row) => sum + row.count, 0);
  return {
    atLeast: counted === MAX_COUNTED,
    of: new Map(result.rows.map(({ rule, count, last_at }) => [rule, { count, lastAt: last_at }])),
  };
}

/** Decisions that an explanation of a rule looks at. */
export const DECISIONS_EXPLAINED = 1_000;

/** The newest of a rule, by the event. */
export async function lastDecisions(pool: Pool, rule: string): Promise<Decision[]> {
  const result = await pool.query<Decision>(
    "SELECT * FROM decisions WHERE rule = $1 ORDER BY event_id DESC, replay DESC LIMIT $2",
    [rule, DECISIONS_EXPLAINED],
  );
  return result.rows;
}

export interface LastEvent {
  readonly id: string;
  readonly received_at: string;
}

/** The newest event of a type, or of those that a pattern (`gitea.*`) means. */
export async function lastEventOf(pool: Pool, on: string): Promise<LastEvent | undefined> {
  return kyselyFor<{ events: Filtered["events"] & { received_at: string } }>(pool)
    .selectFrom("events")
    .select(["id", sql<string>`received_at`.as("received_at")])
    .where((is) => meantBy(is, { type: on }))
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
}

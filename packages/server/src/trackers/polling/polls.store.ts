import type { Pool } from "pg";
import { TRACKER_COLUMNS, type TrackerRow } from "../trackers.store.ts";

/** A tracker that is due, as whoever has it now. */
export type DueTracker = TrackerRow & { readonly fence: number; readonly failures: number };

/** For so long nobody else takes a tracker; renewed with each page. Should its poller die, another goes on. */
const CLAIM_MS = 60_000;
const CLAIM = `clock_timestamp() + ${CLAIM_MS} * interval '1 millisecond'`;

/**
 * Trackers that are due, each with a fence that none had before: what an earlier poll still writes is refused. Rows that
 * another scheduler is taking are skipped, and not waited for.
 */
export async function claimDue(pool: Pool, limit: number): Promise<DueTracker[]> {
  const { rows } = await pool.query<DueTracker>({
    name: "trackers_claim_due",
    text: `UPDATE trackers t SET fence = fence + 1, claimed_until = ${CLAIM}
           FROM (SELECT id AS due_id FROM trackers WHERE poll_at <= clock_timestamp()
                   AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())
                 ORDER BY poll_at LIMIT $1 FOR UPDATE SKIP LOCKED) due
           WHERE t.id = due.due_id RETURNING ${TRACKER_COLUMNS}, fence::float8 AS fence, failures`,
    values: [limit],
  });
  return rows;
}

/** Milliseconds until a tracker is due that nobody is at; undefined: none is. */
export async function nextDueInMs(pool: Pool): Promise<number | undefined> {
  const { rows } = await pool.query<{ ms: number | null }>({
    name: "trackers_next_due",
    text: `SELECT (extract(epoch FROM min(greatest(poll_at, claimed_until)) - clock_timestamp()) * 1000)::float8 AS ms
           FROM trackers WHERE poll_at IS NOT NULL`,
  });
  return rows[0]?.ms ?? undefined;
}

/** A poll: what is written of it holds only while it is the newest. */
export interface Fenced {
  readonly id: string;
  readonly fence: number;
}

/** False: another has it now, or it is paused or gone. */
export async function renewClaim(pool: Pool, { id, fence }: Fenced): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: "trackers_renew",
    text: `UPDATE trackers SET claimed_until = ${CLAIM} WHERE id = $1 AND fence = $2 AND poll_at IS NOT NULL`,
    values: [id, fence],
  });
  return rowCount === 1;
}

/** Due again in `againInMs`, unless somebody has asked for it meanwhile: that is behind what this poll has read. */
export async function finishPoll(
  pool: Pool,
  { id, fence }: Fenced,
  { againInMs, failures }: { readonly againInMs: number; readonly failures: number },
): Promise<void> {
  await pool.query(
    `UPDATE trackers SET claimed_until = NULL, polled_at = clock_timestamp(), failures = $4,
       poll_at = CASE WHEN asked_fence = fence THEN poll_at
                      WHEN poll_at IS NULL THEN NULL
                      ELSE clock_timestamp() + $3 * interval '1 millisecond' END
     WHERE id = $1 AND fence = $2`,
    [id, fence, againInMs, failures],
  );
}

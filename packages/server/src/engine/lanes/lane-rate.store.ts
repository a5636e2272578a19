import type { LaneRate } from "@yardmaster/kernel";
import type { ClientBase } from "pg";

const PERIOD = "$2::int * interval '1 millisecond'";

/**
 * How many more attempts the lane may start now, and forgets starts that count no more. The lane's row is locked by
 * the caller, and whoever admits writes its starts before it lets go of that lock: two never count the same room.
 */
export async function roomOfRate(
  client: ClientBase,
  queue: string,
  { starts, perMs }: LaneRate,
): Promise<number> {
  const result = await client.query<{ room: number }>({
    name: "engine_rate_room",
    text: `WITH gone AS (DELETE FROM queue_starts WHERE queue = $1 AND at <= clock_timestamp() - ${PERIOD})
      SELECT ($3 - coalesce(sum(starts), 0))::int AS room FROM queue_starts
      WHERE queue = $1 AND at > clock_timestamp() - ${PERIOD}`,
    values: [queue, perMs, starts],
  });
  return Math.max(result.rows[0]?.room ?? 0, 0);
}

/** Counts what was leased, as of now: not before any of its leases. Under the lane's lock, in their transaction. */
export async function recordStarts(
  client: ClientBase,
  queue: string,
  starts: number,
): Promise<void> {
  await client.query({
    name: "engine_rate_record",
    text: "INSERT INTO queue_starts (queue, at, starts) VALUES ($1, clock_timestamp(), $2)",
    values: [queue, starts],
  });
}

/**
 * Says from when on a lane whose rate is used up starts attempts again, and gives the milliseconds until then: when
 * so many of its starts are forgotten that fewer than the rate's are left. Under the lane's lock.
 */
export async function holdLane(
  client: ClientBase,
  queue: string,
  { starts, perMs }: LaneRate,
): Promise<number> {
  const result = await client.query<{ inMs: number }>({
    name: "engine_rate_hold",
    text: `UPDATE queues SET next_start_at = ${PERIOD} + (
        SELECT min(at) FILTER (WHERE newer < $3) FROM (
          SELECT at, sum(starts) OVER (ORDER BY at DESC ROWS UNBOUNDED PRECEDING) - starts AS newer
          FROM queue_starts WHERE queue = $1) line)
      WHERE name = $1
      RETURNING coalesce(extract(epoch FROM next_start_at - clock_timestamp()) * 1000, 0)::float8 AS "inMs"`,
    values: [queue, perMs, starts],
  });
  return Math.max(Math.ceil(result.rows[0]?.inMs ?? 0), 0);
}

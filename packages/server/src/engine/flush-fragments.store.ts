import type { FlushRows } from "./flush-rows.ts";
import {
  BIRTHS,
  DISPATCH,
  ENDED,
  LINES,
  OPS,
  RUN_IDS,
  SLOTS,
  type Table,
  TIMERS,
} from "./flush-tables.ts";

/*
 * The engine's one write: what a whole flush of runs decided, in one statement and one commit.
 *
 * The statement is put together of the fragments that the flush has rows for; a fragment without rows costs 5 to
 * 10 µs even so. The few shapes that occur are prepared once a connection.
 *
 * Locks: `held` takes the rows of the runs in id order (two processes flushing the same runs cannot deadlock), where
 * their version is still the one decided on; a run that another process has advanced meanwhile fails its recheck and
 * is left out with all its rows, its neighbours are not touched. A flush of one run needs no order: the guarded
 * UPDATE or DELETE is its lock. Everything else derives from `ok`. A session that was ended writes nothing (`live`).
 * Rows in `dispatch`, `leases` and `timers` are only ever changed by the run's own advance, or moved by a claim
 * (SKIP LOCKED), so no further lock is needed.
 */

export interface Fragment<Row = never> {
  readonly name: string;
  /** The rows that it is there for; it is left out where there are none. */
  readonly rows: (rows: FlushRows) => readonly Row[];
  /** What its rows are handed over as; none for a fragment that derives from others alone. */
  readonly table?: Table<Row>;
  readonly sql: (from: string, isSingle: boolean) => string;
}

/** Keeps the type of a fragment's rows between its table and its rows, and drops it for the list. */
function fragment<Row>(given: Fragment<Row>): Fragment {
  return given as unknown as Fragment;
}

/** A CTE that the planner may fold into what reads it, or that is read by many. */
const cte = (isSingle: boolean): string => (isSingle ? "AS NOT MATERIALIZED" : "AS MATERIALIZED");

const BORN =
  "id, version, ref, pack_digest, input, created_at, created_by, event_id, rule, traceparent";
const BORN_VALUES =
  "b.run_id, 1, b.ref, b.pack_digest, b.input::json, b.created_at, b.created_by, b.event_id, b.rule, b.traceparent";

export const FRAGMENTS: readonly Fragment[] = [
  fragment({
    name: "o",
    rows: ({ ops }) => ops,
    table: OPS,
    sql: (from, isSingle) => `op ${cte(isSingle)} (SELECT * FROM ${from}),
  live AS MATERIALIZED (SELECT 1 FROM sessions WHERE id = $1 AND ended_at IS NULL),
  journaled AS (
    INSERT INTO journal (run_id, version, op_id, events, decisions, at)
    SELECT op.run_id, op.expected + 1, op.op_id, op.events::json, op.decisions::json, op.at FROM op JOIN ok ON ok.id = op.run_id
  ), fed AS (
    INSERT INTO changes (items)
    SELECT ('[' || string_agg(op.changes, ',') || ']')::json FROM op JOIN ok ON ok.id = op.run_id HAVING count(*) > 0
  )`,
  }),
  fragment({
    name: "b",
    rows: ({ births }) => births,
    table: BIRTHS,
    sql: (from, isSingle) => `born ${cte(isSingle)} (SELECT * FROM ${from}),
  created AS (
    INSERT INTO runs (${BORN}) SELECT ${BORN_VALUES}
    FROM live, born b JOIN op ON op.run_id = b.run_id WHERE op.status IS NULL
    ON CONFLICT DO NOTHING RETURNING id
  )`,
  }),
  // Runs that end with their birth: nothing of them was to be done.
  fragment({
    name: "e",
    rows: ({ ops }) => ops.filter((op) => op.create !== undefined && op.finish !== undefined),
    sql: () => `born_ended AS (
    INSERT INTO run_history (${BORN}, status, output, error, finished_at)
    SELECT ${BORN_VALUES}, op.status, op.output::json, op.error::json, op.at
    FROM live, born b JOIN op ON op.run_id = b.run_id WHERE op.status IS NOT NULL
    ON CONFLICT DO NOTHING RETURNING id
  )`,
  }),
  fragment({
    name: "h",
    rows: ({ ops }) => ops.filter((op) => op.create === undefined),
    sql: (_, isSingle) => `held ${cte(isSingle)} (
    SELECT op.run_id AS id, op.expected, op.canceling, op.status IS NULL AS goes_on FROM live, op
    ${isSingle ? "" : "JOIN runs r ON r.id = op.run_id AND r.version = op.expected ORDER BY r.id FOR UPDATE OF r"}
  )`,
  }),
  fragment({
    name: "m",
    rows: ({ ops }) => ops.filter((op) => op.create === undefined && op.finish === undefined),
    sql: () => `moved AS (
    UPDATE runs r SET version = h.expected + 1, canceling = h.canceling
    FROM held h WHERE r.id = h.id AND r.version = h.expected AND h.goes_on RETURNING r.id
  )`,
  }),
  fragment({
    name: "f",
    rows: ({ ops }) => ops.filter((op) => op.create === undefined && op.finish !== undefined),
    sql: () => `left_runs AS (
    DELETE FROM runs r USING held h WHERE r.id = h.id AND r.version = h.expected AND NOT h.goes_on RETURNING r.*
  ), finished AS (
    INSERT INTO run_history (id, version, ref, pack_digest, input, created_at, created_by, event_id, rule, retry_of,
      traceparent, status, output, error, finished_at)
    SELECT r.id, op.expected + 1, r.ref, r.pack_digest, r.input, r.created_at, r.created_by, r.event_id, r.rule,
      r.retry_of, r.traceparent, op.status, op.output::json, op.error::json, op.at
    FROM left_runs r JOIN op ON op.run_id = r.id RETURNING id
  )`,
  }),
  fragment({
    name: "a",
    rows: ({ ended }) => ended,
    table: ENDED,
    sql: (from, isSingle) => `tried ${cte(isSingle)} (
    SELECT a.*, op.at FROM ${from} JOIN ok ON ok.id = a.run_id JOIN op ON op.run_id = a.run_id
  ), recorded AS (
    INSERT INTO attempts (run_id, slot, number, status, started_at, finished_at, error_code, session_id)
    SELECT run_id, slot, number, status, started_at, at, error_code, session_id FROM tried
  ), unleased AS (
    DELETE FROM leases l USING tried t WHERE l.run_id = t.run_id AND l.slot = t.slot AND l.number = t.number
  )`,
  }),
  // Only an attempt that is canceled may end without having had a worker.
  fragment({
    name: "w",
    rows: ({ ended }) => ended.filter(({ row }) => row.status === "canceled"),
    sql: () => `undispatched AS (
    DELETE FROM dispatch d USING tried t WHERE d.run_id = t.run_id AND d.slot = t.slot AND d.number = t.number
  )`,
  }),
  fragment({
    name: "l",
    rows: ({ leased }) => leased,
    table: SLOTS,
    sql: (from) => `leased AS (
    INSERT INTO leases (run_id, slot, number, session_id, leased_at, queue)
    SELECT s.run_id, s.slot, s.number, $1, clock_timestamp(), '' FROM ${from} JOIN ok ON ok.id = s.run_id
  )`,
  }),
  fragment({
    name: "d",
    rows: ({ dispatch }) => dispatch,
    table: DISPATCH,
    sql: (from) => `dispatched AS (
    INSERT INTO dispatch (run_id, slot, number, state, runner, ref, input, queue, key, priority, due_at)
    SELECT d.run_id, d.slot, d.number, d.state, d.runner, d.ref, d.input::json, d.queue, d.key, d.priority,
      CASE WHEN d.state = 'delayed' THEN clock_timestamp() + d.delay_ms * interval '1 millisecond' END
    FROM ${from} JOIN ok ON ok.id = d.run_id
  )`,
  }),
  fragment({
    name: "t",
    rows: ({ timers }) => timers,
    table: TIMERS,
    sql: (from) => `timed AS (
    INSERT INTO timers (run_id, slot, number, due_at)
    SELECT t.run_id, t.slot, t.number, clock_timestamp() + t.delay_ms * interval '1 millisecond'
    FROM ${from} JOIN ok ON ok.id = t.run_id
  )`,
  }),
  fragment({
    name: "u",
    rows: ({ fired }) => fired,
    table: SLOTS,
    sql: (from) => `untimed AS (
    DELETE FROM timers t USING ${from}, ok
    WHERE ok.id = s.run_id AND t.run_id = s.run_id AND t.slot = s.slot AND t.number = s.number
  )`,
  }),
  // A timer is gone at once. Attempts are found by their run's `canceling`: claims pass them by, workers end them. Those
  // that wait are written as they are: it locks them, so that a claim that took one before has committed its lease.
  fragment({
    name: "s",
    rows: ({ stops }) => stops,
    table: SLOTS,
    sql: (from) => `stop AS MATERIALIZED (SELECT s.* FROM ${from} JOIN ok ON ok.id = s.run_id),
  unstarted AS (
    DELETE FROM timers t USING stop s WHERE t.run_id = s.run_id AND t.slot = s.slot AND t.number = s.number
  ), halted AS (
    UPDATE dispatch d SET ref = d.ref FROM stop s WHERE d.run_id = s.run_id AND d.slot = s.slot AND d.number = s.number
  )`,
  }),
  // Positions are drawn in the order in which the ops were handed in, under the lane's lock (see lockLanes).
  fragment({
    name: "k",
    rows: ({ lines }) => lines,
    table: LINES,
    sql: (from) => `lined AS (
    INSERT INTO queue_keys (queue, key, run_id)
    SELECT k.queue, k.key, k.run_id FROM ${from} JOIN ok ON ok.id = k.run_id ORDER BY k.nth
    ON CONFLICT DO NOTHING
  )`,
  }),
  fragment({
    name: "g",
    rows: ({ leaving }) => leaving,
    table: RUN_IDS,
    sql: (from) => `unlined AS (
    DELETE FROM queue_keys q USING ${from}, ok WHERE ok.id = gone.run_id AND q.run_id = gone.run_id
  )`,
  }),
];

/** Where the runs come from that were written, by the fragment that writes them; in each shape at least one. */
export const WRITTEN: readonly (readonly [string, string])[] = [
  ["b", "created"],
  ["e", "born_ended"],
  ["m", "moved"],
  ["f", "finished"],
];

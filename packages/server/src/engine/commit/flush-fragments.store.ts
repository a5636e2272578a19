import type { Table } from "../../db/index.ts";
import type { FlushRows } from "./flush-rows.ts";
import {
  BIRTHS,
  CHILDREN,
  DISPATCH,
  INQUIRIES,
  LINES,
  OPS,
  RUN_IDS,
  SETTLED_INQUIRIES,
  SLOTS,
  TIMERS,
} from "./flush-tables.ts";
import type { RunOp } from "./run-op.types.ts";

/*
 * The engine's one write: what a whole flush of runs decided, in one statement and one commit.
 *
 * The statement is put together of the fragments that the flush has rows for; a fragment without rows costs 5 to
 * 10 µs even so. The few shapes that occur are prepared once a connection.
 *
 * Locks: the guarded UPDATE and DELETE of `moved` and `left_runs` take the rows of the runs, in the order of their ids
 * as the ops are; a run that another process has advanced meanwhile fails the recheck of its version and is left out
 * with all its rows, its neighbours are not touched. Should two processes end and move the same two runs in one moment
 * and wait for each other, PostgreSQL refuses one flush, which is split and sent again: no lock in advance, which
 * costs every flush a sixteenth. Everything else derives from `ok`. A session that was ended writes nothing (`live`).
 * Rows in `dispatch`, `leases` and `timers` are only ever changed by the run's own advance, or moved by a claim
 * (SKIP LOCKED), so no further lock is needed.
 */

export interface Fragment<Row = never> {
  /** One letter: the name of the prepared statement has those of all its fragments, and PostgreSQL cuts it at 63 bytes. */
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

const BORN = `id, version, ref, pack_digest, input, created_at, created_by, event_id, rule, retry_of, traceparent,
      parent_id, parent_slot, parent_number`;
const BORN_VALUES = `b.run_id, 1, b.ref, b.pack_digest, b.input::json, b.created_at, b.created_by, b.event_id, b.rule,
      b.retry_of, b.traceparent, b.parent_id, b.parent_slot, b.parent_number`;

/** Runs of a flush that are born, by whether they end with that: nothing of them is left to be done. */
const livesOn = "op.status IS NULL";
const isBornEnded = ({ create, finish }: RunOp): boolean =>
  create !== undefined && finish !== undefined;

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
    INSERT INTO runs (${BORN}, instant_by) SELECT ${BORN_VALUES}, CASE WHEN op.instant THEN $1::uuid END
    FROM live, born b JOIN op ON op.run_id = b.run_id WHERE ${livesOn} AND b.parent_id IS NULL
    ON CONFLICT DO NOTHING RETURNING id
  )`,
  }),
  fragment({
    name: "e",
    rows: ({ ops }) => ops.filter((op) => isBornEnded(op) && !op.isChild),
    sql: () => `born_ended AS (
    INSERT INTO run_history (${BORN}, status, output, outputs, error, finished_at)
    SELECT ${BORN_VALUES}, op.status, op.output::json, op.outputs::json, op.error::json, op.at
    FROM live, born b JOIN op ON op.run_id = b.run_id WHERE NOT ${livesOn} AND b.parent_id IS NULL
    ON CONFLICT DO NOTHING RETURNING id
  )`,
  }),
  // The row of a child is the guard of its birth: whoever comes second finds it started, or withdrawn. Nothing locks its
  // parent: one that is paused while this is under way pauses the child once it is born (TO_PAUSE of children.store.ts).
  fragment({
    name: "y",
    rows: ({ ops }) => ops.filter((op) => op.create !== undefined && op.isChild),
    sql: () => `begun AS (
    UPDATE children c SET state = CASE WHEN ${livesOn} THEN 'started' ELSE 'ended' END::child_state, moved_at = clock_timestamp()
    FROM live, op WHERE c.child_id = op.run_id AND c.state = 'new'
      AND NOT EXISTS (SELECT FROM runs p WHERE p.id = c.parent_id AND p.paused_by IS NOT NULL AND NOT p.canceling)
    RETURNING c.child_id
  ), begun_runs AS (
    INSERT INTO runs (${BORN}, instant_by) SELECT ${BORN_VALUES}, CASE WHEN op.instant THEN $1::uuid END
    FROM begun JOIN born b ON b.run_id = begun.child_id JOIN op ON op.run_id = b.run_id WHERE ${livesOn} RETURNING id
  ), begun_ended AS (
    INSERT INTO run_history (${BORN}, status, output, outputs, error, finished_at)
    SELECT ${BORN_VALUES}, op.status, op.output::json, op.outputs::json, op.error::json, op.at
    FROM begun JOIN born b ON b.run_id = begun.child_id JOIN op ON op.run_id = b.run_id WHERE NOT ${livesOn} RETURNING id
  )`,
  }),
  fragment({
    name: "h",
    rows: ({ ops }) => ops.filter((op) => op.create === undefined),
    sql: (_, isSingle) => `held ${cte(isSingle)} (
    SELECT op.run_id AS id, op.expected, op.canceling, op.paused_by, op.instant, op.status IS NULL AS goes_on FROM live, op WHERE op.expected > 0
  )`,
  }),
  fragment({
    name: "m",
    rows: ({ ops }) => ops.filter((op) => op.create === undefined && op.finish === undefined),
    sql: () => `moved AS (
    UPDATE runs r SET version = h.expected + 1, canceling = h.canceling, paused_by = h.paused_by,
      cancel_asked_by = CASE WHEN NOT h.canceling THEN r.cancel_asked_by END,
      cancel_asked_at = CASE WHEN NOT h.canceling THEN r.cancel_asked_at END,
      instant_by = CASE WHEN h.instant THEN $1::uuid WHEN h.instant IS NULL THEN r.instant_by END
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
      parent_id, parent_slot, parent_number, traceparent, status, output, outputs, error, finished_at)
    SELECT r.id, op.expected + 1, r.ref, r.pack_digest, r.input, r.created_at, r.created_by, r.event_id, r.rule,
      r.retry_of, r.parent_id, r.parent_slot, r.parent_number, r.traceparent, op.status, op.output::json,
      op.outputs::json, op.error::json, op.at
    FROM left_runs r JOIN op ON op.run_id = r.id RETURNING id
  )`,
  }),
  fragment({
    name: "v",
    rows: ({ ops }) =>
      ops.filter((op) => op.create === undefined && op.finish !== undefined && op.isChild),
    sql: () => `told AS (
    UPDATE children c SET state = 'ended', moved_at = clock_timestamp() FROM finished f WHERE c.child_id = f.id
  )`,
  }),
  fragment({
    name: "c",
    rows: ({ children }) => children,
    table: CHILDREN,
    sql: (from) => `called AS (
    INSERT INTO children (child_id, parent_id, slot, number, state, ref, input)
    SELECT c.child_id, c.run_id, c.slot, c.number, 'new', c.ref, c.input::json FROM ${from} JOIN ok ON ok.id = c.run_id
  )`,
  }),
  fragment({
    name: "x",
    rows: ({ endedChildren }) => endedChildren,
    table: SLOTS,
    sql: (from) => `heard AS (
    DELETE FROM children c USING ${from}, ok
    WHERE ok.id = s.run_id AND c.parent_id = s.run_id AND c.slot = s.slot AND c.number = s.number
  )`,
  }),
  fragment({
    name: "a",
    rows: ({ unleased }) => unleased,
    table: SLOTS,
    sql: (from) => `unleased AS (
    DELETE FROM leases l USING ${from}, ok
    WHERE ok.id = s.run_id AND l.run_id = s.run_id AND l.slot = s.slot AND l.number = s.number
  )`,
  }),
  // Attempts end without having been leased when they are canceled, and when they are instant.
  fragment({
    name: "w",
    rows: ({ withdrawn }) => withdrawn,
    table: SLOTS,
    sql: (from) => `undispatched AS (
    DELETE FROM dispatch d USING ${from}, ok
    WHERE ok.id = s.run_id AND d.run_id = s.run_id AND d.slot = s.slot AND d.number = s.number
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
  // Inquiries are written with the advances of their runs alone: whoever answers, and a timeout or a cancel that comes
  // at the same moment, are told apart by the run's version.
  fragment({
    name: "i",
    rows: ({ inquiries }) => inquiries,
    table: INQUIRIES,
    sql: (from) => `asked AS (
    INSERT INTO inquiries (id, run_id, slot, number, status, question, assigned_to, asked_at, expires_at)
    SELECT i.id, i.run_id, i.slot, i.number, 'open', i.question::json,
      CASE WHEN i.assigned_to IS NOT NULL THEN ARRAY(SELECT json_array_elements_text(i.assigned_to::json)) END,
      i.asked_at, clock_timestamp() + i.timeout_ms * interval '1 millisecond'
    FROM ${from} JOIN ok ON ok.id = i.run_id
  )`,
  }),
  fragment({
    name: "n",
    rows: ({ settledInquiries }) => settledInquiries,
    table: SETTLED_INQUIRIES,
    sql: (from) => `settled AS (
    UPDATE inquiries q SET status = n.status, ended_at = n.ended_at, answer = n.answer::json, answered_by = n.answered_by
    FROM ${from}, ok
    WHERE ok.id = n.run_id AND q.run_id = n.run_id AND q.slot = n.slot AND q.number = n.number AND q.status = 'open'
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
  ["y", "begun_runs"],
  ["y", "begun_ended"],
  ["m", "moved"],
  ["f", "finished"],
];

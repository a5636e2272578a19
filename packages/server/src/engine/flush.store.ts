import type { ClientBase } from "pg";
import { plainArray } from "./array-literal.ts";
import {
  birthValues,
  dispatchValues,
  endedValues,
  type FlushRows,
  gather,
  lineValues,
  opValues,
  slotValues,
  timerValues,
} from "./flush-rows.ts";
import type { RunOp } from "./run-op.ts";

/*
 * The engine's one write: what a whole flush of runs decided, in one statement and one commit.
 *
 * The statement is put together of the fragments that the flush has rows for; a part without rows costs 5 to 10 µs
 * even so. The few shapes that occur are prepared once a connection.
 *
 * Locks: `locked` takes the rows of the runs in id order (two processes flushing the same runs cannot deadlock),
 * where their version is still the one decided on; a run that another process has advanced meanwhile fails its
 * recheck and is left out with all its rows, its neighbours are not touched. Everything else derives from `ok`.
 * A session that was ended writes nothing (`live`). Rows in `dispatch`, `leases` and `timers` are only ever changed
 * by the run's own advance, or moved by a claim (SKIP LOCKED), so no further lock is needed.
 */

/** `$` gives the next parameter with its type: the values follow in the same order. */
type Parameter = (type: string) => string;

interface Fragment {
  readonly name: string;
  readonly wanted: (rows: FlushRows) => boolean;
  readonly sql: ($: Parameter) => string;
  readonly values: (rows: FlushRows) => readonly string[];
}

const always = (): boolean => true;

const OPS: Fragment = {
  name: "ops",
  wanted: always,
  values: opValues,
  sql: ($) => `op AS MATERIALIZED (
    SELECT * FROM unnest(${$("uuid[]")}, ${$("int[]")}, ${$("uuid[]")}, ${$("bool[]")}, ${$("text[]")}, ${$("text[]")},
      ${$("text[]")}, ${$("final_status[]")}, ${$("text[]")}, ${$("text[]")}, ${$("timestamptz[]")})
      AS op(run_id, expected, op_id, canceling, events, decisions, changes, status, output, error, at)
  ), live AS MATERIALIZED (SELECT 1 FROM sessions WHERE id = $1 AND ended_at IS NULL),
  journaled AS (
    INSERT INTO journal (run_id, version, op_id, events, decisions, at)
    SELECT op.run_id, op.expected + 1, op.op_id, op.events::json, op.decisions::json, op.at FROM op JOIN ok ON ok.id = op.run_id
  ), fed AS (
    INSERT INTO changes (items)
    SELECT ('[' || string_agg(op.changes, ',') || ']')::json FROM op JOIN ok ON ok.id = op.run_id HAVING count(*) > 0
  )`,
};

const BORN =
  "id, version, ref, pack_digest, input, created_at, created_by, event_id, rule, traceparent";
const BORN_VALUES =
  "b.id, 1, b.ref, b.pack_digest, b.input::json, b.created_at, b.created_by, b.event_id, b.rule, b.traceparent";

const BIRTHS: Fragment = {
  name: "births",
  wanted: ({ births }) => births.rows.length > 0,
  values: birthValues,
  sql: ($) => `born AS MATERIALIZED (
    SELECT * FROM unnest(${$("uuid[]")}, ${$("text[]")}, ${$("text[]")}, ${$("text[]")}, ${$("timestamptz[]")}, ${$("text[]")},
      ${$("uuid[]")}, ${$("text[]")}, ${$("text[]")})
      AS born(id, ref, pack_digest, input, created_at, created_by, event_id, rule, traceparent)
  ), created AS (
    INSERT INTO runs (${BORN}) SELECT ${BORN_VALUES}
    FROM live, born b JOIN op ON op.run_id = b.id WHERE op.status IS NULL
    ON CONFLICT DO NOTHING RETURNING id
  )`,
};

/** Runs that end with their birth: nothing of them was to be done. */
const BORN_ENDED: Fragment = {
  name: "born_ended",
  wanted: ({ ops }) => ops.some((op) => op.create !== undefined && op.finish !== undefined),
  values: () => [],
  sql: () => `born_ended AS (
    INSERT INTO run_history (${BORN}, status, output, error, finished_at)
    SELECT ${BORN_VALUES}, op.status, op.output::json, op.error::json, op.at
    FROM live, born b JOIN op ON op.run_id = b.id WHERE op.status IS NOT NULL
    ON CONFLICT DO NOTHING RETURNING id
  )`,
};

const LOCKED: Fragment = {
  name: "locked",
  wanted: ({ ops }) => ops.some((op) => op.create === undefined),
  values: () => [],
  sql: () => `locked AS MATERIALIZED (
    SELECT r.id, op.expected + 1 AS version, op.canceling, op.status IS NULL AS goes_on
    FROM live, op JOIN runs r ON r.id = op.run_id AND r.version = op.expected ORDER BY r.id FOR UPDATE OF r
  )`,
};

const MOVED: Fragment = {
  name: "moved",
  wanted: ({ ops }) => ops.some((op) => op.create === undefined && op.finish === undefined),
  values: () => [],
  sql: () => `moved AS (
    UPDATE runs r SET version = l.version, canceling = l.canceling
    FROM locked l WHERE r.id = l.id AND l.goes_on RETURNING r.id
  )`,
};

const FINISHED: Fragment = {
  name: "finished",
  wanted: ({ ops }) => ops.some((op) => op.create === undefined && op.finish !== undefined),
  values: () => [],
  sql: () => `left_runs AS (
    DELETE FROM runs r USING locked l WHERE r.id = l.id AND NOT l.goes_on RETURNING r.*
  ), finished AS (
    INSERT INTO run_history (id, version, ref, pack_digest, input, created_at, created_by, event_id, rule, retry_of,
      traceparent, status, output, error, finished_at)
    SELECT r.id, op.expected + 1, r.ref, r.pack_digest, r.input, r.created_at, r.created_by, r.event_id, r.rule,
      r.retry_of, r.traceparent, op.status, op.output::json, op.error::json, op.at
    FROM left_runs r JOIN op ON op.run_id = r.id RETURNING id
  )`,
};

const ENDED: Fragment = {
  name: "ended",
  wanted: ({ ended }) => ended.rows.length > 0,
  values: endedValues,
  sql: ($) => `tried AS MATERIALIZED (
    SELECT a.*, op.at FROM unnest(${$("uuid[]")}, ${$("text[]")}, ${$("int[]")}, ${$("attempt_end[]")}, ${$("timestamptz[]")},
      ${$("text[]")}, ${$("uuid[]")}) AS a(run_id, slot, number, status, started_at, error_code, session_id)
    JOIN ok ON ok.id = a.run_id JOIN op ON op.run_id = a.run_id
  ), recorded AS (
    INSERT INTO attempts (run_id, slot, number, status, started_at, finished_at, error_code, session_id)
    SELECT run_id, slot, number, status, started_at, at, error_code, session_id FROM tried
  ), unleased AS (
    DELETE FROM leases l USING tried t WHERE l.run_id = t.run_id AND l.slot = t.slot AND l.number = t.number
  )`,
};

/** Only an attempt that is canceled may end without having had a worker. */
const WITHDRAWN: Fragment = {
  name: "withdrawn",
  wanted: ({ ended }) => ended.rows.some((row) => row.status === "canceled"),
  values: () => [],
  sql: () => `undispatched AS (
    DELETE FROM dispatch d USING tried t WHERE d.run_id = t.run_id AND d.slot = t.slot AND d.number = t.number
  )`,
};

const LEASED: Fragment = {
  name: "leased",
  wanted: ({ leased }) => leased.rows.length > 0,
  values: ({ leased }) => slotValues(leased),
  sql: ($) => `leased AS (
    INSERT INTO leases (run_id, slot, number, session_id, leased_at, queue)
    SELECT l.run_id, l.slot, l.number, $1, clock_timestamp(), ''
    FROM unnest(${$("uuid[]")}, ${$("text[]")}, ${$("int[]")}) AS l(run_id, slot, number) JOIN ok ON ok.id = l.run_id
  )`,
};

const DISPATCHED: Fragment = {
  name: "dispatched",
  wanted: ({ dispatch }) => dispatch.rows.length > 0,
  values: dispatchValues,
  sql: ($) => `dispatched AS (
    INSERT INTO dispatch (run_id, slot, number, state, runner, ref, input, queue, key, priority, due_at)
    SELECT d.run_id, d.slot, d.number, d.state, d.runner, d.ref, d.input::json, d.queue, d.key, d.priority,
      CASE WHEN d.state = 'delayed' THEN clock_timestamp() + d.delay_ms * interval '1 millisecond' END
    FROM unnest(${$("uuid[]")}, ${$("text[]")}, ${$("int[]")}, ${$("text[]")}, ${$("text[]")}, ${$("text[]")}, ${$("text[]")},
      ${$("text[]")}, ${$("text[]")}, ${$("int[]")}, ${$("float8[]")})
      AS d(run_id, slot, number, state, runner, ref, input, queue, key, priority, delay_ms)
    JOIN ok ON ok.id = d.run_id
  )`,
};

const TIMED: Fragment = {
  name: "timed",
  wanted: ({ timers }) => timers.rows.length > 0,
  values: timerValues,
  sql: ($) => `timed AS (
    INSERT INTO timers (run_id, slot, number, due_at)
    SELECT t.run_id, t.slot, t.number, clock_timestamp() + t.delay_ms * interval '1 millisecond'
    FROM unnest(${$("uuid[]")}, ${$("text[]")}, ${$("int[]")}, ${$("float8[]")}) AS t(run_id, slot, number, delay_ms)
    JOIN ok ON ok.id = t.run_id
  )`,
};

const FIRED: Fragment = {
  name: "fired",
  wanted: ({ fired }) => fired.rows.length > 0,
  values: ({ fired }) => slotValues(fired),
  sql: ($) => `untimed AS (
    DELETE FROM timers t USING unnest(${$("uuid[]")}, ${$("text[]")}, ${$("int[]")}) AS f(run_id, slot, number), ok
    WHERE ok.id = f.run_id AND t.run_id = f.run_id AND t.slot = f.slot AND t.number = f.number
  )`,
};

/** A timer is gone at once. Attempts are found by their run's `canceling`: claims pass them by, workers end them. */
const STOPPED: Fragment = {
  name: "stopped",
  wanted: ({ stops }) => stops.rows.length > 0,
  values: ({ stops }) => slotValues(stops),
  sql: ($) => `unstarted AS (
    DELETE FROM timers t USING unnest(${$("uuid[]")}, ${$("text[]")}, ${$("int[]")}) AS s(run_id, slot, number), ok
    WHERE ok.id = s.run_id AND t.run_id = s.run_id AND t.slot = s.slot AND t.number = s.number
  )`,
};

/** Positions are drawn in the order in which the ops were handed in, under the lane's lock (see lockLanes). */
const LINED: Fragment = {
  name: "lined",
  wanted: ({ lines }) => lines.rows.length > 0,
  values: lineValues,
  sql: ($) => `lined AS (
    INSERT INTO queue_keys (queue, key, run_id)
    SELECT k.queue, k.key, k.run_id
    FROM unnest(${$("uuid[]")}, ${$("text[]")}, ${$("text[]")}) WITH ORDINALITY AS k(run_id, queue, key, nth)
    JOIN ok ON ok.id = k.run_id ORDER BY k.nth
    ON CONFLICT DO NOTHING
  )`,
};

const UNLINED: Fragment = {
  name: "unlined",
  wanted: ({ leaving }) => leaving.length > 0,
  values: ({ leaving }) => [plainArray(leaving, (runId) => runId)],
  sql: ($) => `unlined AS (
    DELETE FROM queue_keys k USING unnest(${$("uuid[]")}) AS gone(run_id), ok WHERE ok.id = gone.run_id AND k.run_id = gone.run_id
  )`,
};

const FRAGMENTS = [
  OPS,
  BIRTHS,
  BORN_ENDED,
  LOCKED,
  MOVED,
  FINISHED,
  ENDED,
  WITHDRAWN,
  LEASED,
  DISPATCHED,
  TIMED,
  FIRED,
  STOPPED,
  LINED,
  UNLINED,
] as const;

/** Where the runs come from that were written; in each shape at least one. */
const WRITTEN: readonly (readonly [Fragment, string])[] = [
  [BIRTHS, "created"],
  [BORN_ENDED, "born_ended"],
  [MOVED, "moved"],
  [FINISHED, "finished"],
];

const texts = new Map<string, string>();

function textOf(shape: readonly Fragment[], name: string): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  let count = 1;
  const $: Parameter = (type) => `$${++count}::${type}`;
  const written = WRITTEN.filter(([fragment]) => shape.includes(fragment)).map(
    ([, table]) => `SELECT id FROM ${table}`,
  );
  const ok = `ok AS MATERIALIZED (${written.join(" UNION ALL ")})`;
  // RECURSIVE lets the parts stand in any order; none refers to itself.
  const text = `WITH RECURSIVE ${[...shape.map((fragment) => fragment.sql($)), ok].join(",\n")}
SELECT EXISTS (SELECT FROM live) AS live, ARRAY(SELECT id FROM ok)::text[] AS done`;
  texts.set(name, text);
  return text;
}

export interface FlushResult {
  /** False: this session was ended, nothing was written. */
  readonly live: boolean;
  /** Runs whose op is durable now. The others were decided on a version that has passed. */
  readonly done: ReadonlySet<string>;
}

/** Writes the ops, at most one a run, in one statement. Text columns must be free of NUL. */
export async function writeRunOps(
  client: ClientBase,
  sessionId: string,
  ops: readonly RunOp[],
): Promise<FlushResult> {
  const rows = gather(ops);
  const shape = FRAGMENTS.filter((fragment) => fragment.wanted(rows));
  const name = `engine_flush_${shape.map((fragment) => FRAGMENTS.indexOf(fragment).toString(36)).join("")}`;
  const values = [sessionId, ...shape.flatMap((fragment) => fragment.values(rows))];
  const result = await client.query<{ live: boolean; done: string[] }>({
    name,
    text: textOf(shape, name),
    values,
  });
  const row = result.rows[0];
  return { live: row?.live ?? false, done: new Set(row?.done ?? []) };
}

/**
 * Locks the lanes of a flush in name order, before its statement draws FIFO positions: without it a position drawn
 * earlier could become visible later, and a run would overtake one that was acknowledged before it.
 */
export async function lockLanes(client: ClientBase, queues: readonly string[]): Promise<void> {
  await client.query("SELECT name FROM queues WHERE name = ANY($1) ORDER BY name FOR UPDATE", [
    queues,
  ]);
}

/** Which of these ops are in the journal: asked after a lost connection, when an answer was lost with it. */
export async function findJournaled(
  client: ClientBase,
  ops: readonly RunOp[],
): Promise<ReadonlySet<string>> {
  const result = await client.query<{ run_id: string }>(
    `SELECT j.run_id FROM unnest($1::uuid[], $2::int[], $3::uuid[]) AS op(run_id, version, op_id)
     JOIN journal j ON j.run_id = op.run_id AND j.version = op.version AND j.op_id = op.op_id`,
    [ops.map((op) => op.runId), ops.map((op) => op.expected + 1), ops.map((op) => op.opId)],
  );
  return new Set(result.rows.map((row) => row.run_id));
}

import type { ClientBase } from "pg";
import type { RunOp } from "./run-op.ts";

/**
 * The engine's one write: what a whole flush of runs decided, in one statement and one commit.
 *
 * Locks: `locked` takes the rows of the runs in id order (two processes flushing the same runs cannot deadlock),
 * where their version is still the one decided on; a run that another process has advanced meanwhile fails its
 * recheck and is left out with all its rows, its neighbours are not touched. Everything below derives from `ok`.
 * A session that was ended writes nothing (`live`). Rows in `dispatch` and `timers` are only ever changed by the
 * run's own advance or, while unleased, by a claim (SKIP LOCKED), so no further lock is needed.
 */
const FLUSH = `
WITH live AS MATERIALIZED (SELECT 1 FROM sessions WHERE id = $1 AND ended_at IS NULL),
op AS MATERIALIZED (
  SELECT * FROM unnest($2::uuid[], $3::int[], $4::uuid[], $5::bool[], $6::text[], $7::text[], $8::text[],
                       $9::text[], $10::text[], $11::text[], $12::timestamptz[])
    AS op(run_id, expected, op_id, canceling, events, decisions, changes, status, output, error, at)
),
born AS MATERIALIZED (
  SELECT * FROM unnest($13::uuid[], $14::text[], $15::text[], $16::text[], $17::timestamptz[], $18::text[],
                       $19::uuid[], $20::text[], $21::text[])
    AS born(id, ref, pack_digest, input, created_at, created_by, event_id, rule, traceparent)
),
locked AS MATERIALIZED (
  SELECT r.id FROM live, op JOIN runs r ON r.id = op.run_id AND r.version = op.expected
  ORDER BY r.id FOR UPDATE OF r
),
created AS (
  INSERT INTO runs (id, version, ref, pack_digest, input, created_at, created_by, event_id, rule, traceparent)
  SELECT b.id, 1, b.ref, b.pack_digest, b.input::json, b.created_at, b.created_by, b.event_id, b.rule, b.traceparent
  FROM live, born b JOIN op ON op.run_id = b.id WHERE op.status IS NULL
  ON CONFLICT DO NOTHING RETURNING id
),
born_ended AS (
  INSERT INTO run_history (id, version, ref, pack_digest, input, created_at, created_by, event_id, rule, traceparent,
                           status, output, error, finished_at)
  SELECT b.id, 1, b.ref, b.pack_digest, b.input::json, b.created_at, b.created_by, b.event_id, b.rule, b.traceparent,
         op.status, op.output::json, op.error::json, op.at
  FROM live, born b JOIN op ON op.run_id = b.id WHERE op.status IS NOT NULL
  ON CONFLICT DO NOTHING RETURNING id
),
moved AS (
  UPDATE runs r SET version = op.expected + 1, canceling = op.canceling
  FROM locked JOIN op ON op.run_id = locked.id WHERE r.id = locked.id AND op.status IS NULL RETURNING r.id
),
left_runs AS (
  DELETE FROM runs r USING locked JOIN op ON op.run_id = locked.id
  WHERE r.id = locked.id AND op.status IS NOT NULL RETURNING r.*
),
ended AS (
  INSERT INTO run_history (id, version, ref, pack_digest, input, created_at, created_by, event_id, rule, retry_of,
                           traceparent, status, output, error, finished_at)
  SELECT r.id, op.expected + 1, r.ref, r.pack_digest, r.input, r.created_at, r.created_by, r.event_id, r.rule,
         r.retry_of, r.traceparent, op.status, op.output::json, op.error::json, op.at
  FROM left_runs r JOIN op ON op.run_id = r.id RETURNING id
),
ok AS MATERIALIZED (
  SELECT id FROM created UNION ALL SELECT id FROM born_ended UNION ALL SELECT id FROM moved UNION ALL SELECT id FROM ended
),
journaled AS (
  INSERT INTO journal (run_id, version, op_id, events, decisions, at)
  SELECT op.run_id, op.expected + 1, op.op_id, op.events::json, op.decisions::json, op.at
  FROM op JOIN ok ON ok.id = op.run_id
),
tried AS (
  INSERT INTO attempts (run_id, slot, number, status, started_at, finished_at, error_code, session_id)
  SELECT a.run_id, a.slot, a.number, a.status, a.started_at, op.at, a.error_code, a.session_id
  FROM unnest($22::uuid[], $23::text[], $24::int[], $25::text[], $26::timestamptz[], $27::text[], $28::uuid[])
    AS a(run_id, slot, number, status, started_at, error_code, session_id)
  JOIN ok ON ok.id = a.run_id JOIN op ON op.run_id = a.run_id
),
undispatched AS (
  DELETE FROM dispatch d USING unnest($22::uuid[], $23::text[], $24::int[]) AS a(run_id, slot, number), ok
  WHERE ok.id = a.run_id AND d.run_id = a.run_id AND d.slot = a.slot AND d.number = a.number
),
untimed AS (
  DELETE FROM timers t USING unnest($29::uuid[], $30::text[], $31::int[]) AS f(run_id, slot, number), ok
  WHERE ok.id = f.run_id AND t.run_id = f.run_id AND t.slot = f.slot AND t.number = f.number
),
dispatched AS (
  INSERT INTO dispatch (run_id, slot, number, state, runner, ref, input, queue, key, priority, due_at, session_id, leased_at)
  SELECT d.run_id, d.slot, d.number, d.state, d.runner, d.ref, d.input::json, d.queue, d.key, d.priority,
         CASE WHEN d.state = 'delayed' THEN clock_timestamp() + d.delay_ms * interval '1 millisecond' END,
         CASE WHEN d.state = 'leased' THEN $1::uuid END,
         CASE WHEN d.state = 'leased' THEN clock_timestamp() END
  FROM unnest($32::uuid[], $33::text[], $34::int[], $35::text[], $36::text[], $37::text[], $38::text[], $39::text[],
              $40::text[], $41::int[], $42::float8[])
    AS d(run_id, slot, number, state, runner, ref, input, queue, key, priority, delay_ms)
  JOIN ok ON ok.id = d.run_id
),
lined AS (
  INSERT INTO queue_keys (queue, key, run_id)
  SELECT k.queue, k.key, k.run_id
  FROM unnest($46::uuid[], $47::text[], $48::text[]) WITH ORDINALITY AS k(run_id, queue, key, nth)
  JOIN ok ON ok.id = k.run_id ORDER BY k.nth
  ON CONFLICT DO NOTHING
),
unlined AS (
  DELETE FROM queue_keys k USING unnest($49::uuid[]) AS gone(run_id), ok
  WHERE ok.id = gone.run_id AND k.run_id = gone.run_id
),
timed AS (
  INSERT INTO timers (run_id, slot, number, due_at)
  SELECT t.run_id, t.slot, t.number, clock_timestamp() + t.delay_ms * interval '1 millisecond'
  FROM unnest($43::uuid[], $44::text[], $45::int[], $50::float8[]) AS t(run_id, slot, number, delay_ms)
  JOIN ok ON ok.id = t.run_id
),
stopped AS (
  UPDATE dispatch d SET stop = true
  FROM unnest($51::uuid[], $52::text[], $53::int[]) AS s(run_id, slot, number), ok
  WHERE ok.id = s.run_id AND d.run_id = s.run_id AND d.slot = s.slot AND d.number = s.number
),
unstarted AS (
  DELETE FROM timers t USING unnest($51::uuid[], $52::text[], $53::int[]) AS s(run_id, slot, number), ok
  WHERE ok.id = s.run_id AND t.run_id = s.run_id AND t.slot = s.slot AND t.number = s.number
),
fed AS (
  INSERT INTO changes (items)
  SELECT ('[' || string_agg(op.changes, ',') || ']')::json FROM op JOIN ok ON ok.id = op.run_id HAVING count(*) > 0
)
SELECT EXISTS (SELECT FROM live) AS live, ARRAY(SELECT id FROM ok)::text[] AS done`;

export interface FlushResult {
  /** False: this session was ended, nothing was written. */
  readonly live: boolean;
  /** Runs whose op is durable now. The others were decided on a version that has passed. */
  readonly done: ReadonlySet<string>;
}

/** Writes the ops, at most one a run, in one statement. Rows must be free of NUL in text columns. */
export async function writeRunOps(
  client: ClientBase,
  sessionId: string,
  ops: readonly RunOp[],
): Promise<FlushResult> {
  const sorted = [...ops].sort((a, b) => (a.runId < b.runId ? -1 : 1));
  const result = await client.query<{ live: boolean; done: string[] }>({
    name: "engine_flush",
    text: FLUSH,
    values: parameters(sessionId, sorted, ops),
  });
  const row = result.rows[0];
  return { live: row?.live ?? false, done: new Set(row?.done ?? []) };
}

function parameters(
  sessionId: string,
  ops: readonly RunOp[],
  inOrder: readonly RunOp[],
): unknown[] {
  const births = ops.filter((op) => op.create !== undefined);
  const ended = rowsOf(ops, (op) => op.ended);
  const fired = rowsOf(ops, (op) => op.firedTimers);
  const dispatch = rowsOf(ops, (op) => op.dispatch);
  const timers = rowsOf(ops, (op) => op.timers);
  const stops = rowsOf(ops, (op) => op.stops);
  // Positions before a FIFO key are drawn in the order in which the ops were handed in.
  const lines = rowsOf(inOrder, (op) =>
    op.dispatch.filter((row) => row.queue !== "" && row.key !== null),
  );
  const leaving = ops.filter(
    (op) => op.finish !== undefined && op.create === undefined && op.keyed,
  );
  return [
    sessionId,
    ops.map((op) => op.runId),
    ops.map((op) => op.expected),
    ops.map((op) => op.opId),
    ops.map((op) => op.canceling),
    ops.map((op) => op.events),
    ops.map((op) => op.decisions),
    ops.map((op) => op.changes),
    ops.map((op) => op.finish?.status ?? null),
    ops.map((op) => op.finish?.output ?? null),
    ops.map((op) => op.finish?.error ?? null),
    ops.map((op) => op.at),
    births.map((op) => op.runId),
    births.map((op) => op.create?.ref),
    births.map((op) => op.create?.packDigest),
    births.map((op) => op.create?.input),
    births.map((op) => op.create?.createdAt),
    births.map((op) => op.create?.createdBy),
    births.map((op) => op.create?.eventId),
    births.map((op) => op.create?.rule),
    births.map((op) => op.create?.traceparent),
    ended.runIds,
    ended.rows.map((row) => row.slot),
    ended.rows.map((row) => row.number),
    ended.rows.map((row) => row.status),
    ended.rows.map((row) => row.startedAt),
    ended.rows.map((row) => row.errorCode),
    ended.rows.map((row) => row.worker),
    fired.runIds,
    fired.rows.map((row) => row.slot),
    fired.rows.map((row) => row.number),
    dispatch.runIds,
    dispatch.rows.map((row) => row.slot),
    dispatch.rows.map((row) => row.number),
    dispatch.rows.map((row) => row.state),
    dispatch.rows.map((row) => row.runner),
    dispatch.rows.map((row) => row.ref),
    dispatch.rows.map((row) => row.input),
    dispatch.rows.map((row) => row.queue),
    dispatch.rows.map((row) => row.key),
    dispatch.rows.map((row) => row.priority),
    dispatch.rows.map((row) => row.delayMs),
    timers.runIds,
    timers.rows.map((row) => row.slot),
    timers.rows.map((row) => row.number),
    lines.runIds,
    lines.rows.map((row) => row.queue),
    lines.rows.map((row) => row.key),
    leaving.map((op) => op.runId),
    timers.rows.map((row) => row.delayMs),
    stops.runIds,
    stops.rows.map((row) => row.slot),
    stops.rows.map((row) => row.number),
  ];
}

/** The rows of all ops in one list, with the run of each beside it. */
function rowsOf<Row>(
  ops: readonly RunOp[],
  rows: (op: RunOp) => readonly Row[],
): { runIds: string[]; rows: Row[] } {
  const all: { runIds: string[]; rows: Row[] } = { runIds: [], rows: [] };
  for (const op of ops) {
    for (const row of rows(op)) {
      all.runIds.push(op.runId);
      all.rows.push(row);
    }
  }
  return all;
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

import { type LaneRate, TIMEOUT_SLOT } from "@yardmaster/kernel";
import {
  firstUuidAt,
  idEnding,
  idsFrom,
  isFinal,
  type Json,
  MAX_ENDINGS_READ,
  type WorkError,
} from "@yardmaster/protocol";
import type { Pool } from "pg";
import { type RowsWithinBytes, readWithinBytes } from "../../paging/index.ts";
import type { RunFilter } from "./reading.types.ts";
import type { RestingWorker } from "./resting-workers.ts";

/** A run as it is listed; `live` is what its open attempts and timers are doing, null when it has ended. */
export interface RunRow {
  readonly id: string;
  readonly version: number;
  readonly ref: string;
  readonly status: string | null;
  readonly input: Json;
  readonly output: Json;
  readonly outputs: { readonly [name: string]: Json } | null;
  readonly error: WorkError | null;
  readonly created_at: string;
  readonly finished_at: string | null;
  readonly created_by: string;
  readonly event_id: string | null;
  readonly rule: string | null;
  readonly retry_of: string | null;
  readonly parent_id: string | null;
  readonly pack_digest: string | null;
  readonly traceparent: string | null;
  readonly canceling: boolean;
  readonly paused_by: string | null;
  readonly live: LiveCounts | null;
}

export interface LiveCounts {
  readonly leased: number;
  readonly ready: number;
  readonly queue: string | null;
  /** The runner of one that is ready and in no lane. */
  readonly runner: string | null;
  readonly delayed: number;
  readonly timers: number;
  readonly children: number;
  readonly due_at: string | null;
}

const COMMON =
  "id, version, ref, input, created_at, created_by, event_id, rule, retry_of, parent_id, pack_digest, traceparent";
const LIVE = `SELECT ${COMMON}, NULL AS status, NULL::json AS output, NULL::json AS outputs, NULL::json AS error, NULL::timestamptz AS finished_at,
  canceling OR cancel_asked_at IS NOT NULL AS canceling, paused_by,
  (SELECT json_build_object(
     'leased', (SELECT count(*) FROM leases l WHERE l.run_id = runs.id) + (runs.instant_by IS NOT NULL)::int, 'ready', count(*) FILTER (WHERE d.state = 'ready'),
     'queue', max(d.queue) FILTER (WHERE d.state = 'ready' AND d.queue <> ''),
     'runner', max(d.runner) FILTER (WHERE d.state = 'ready' AND d.queue = ''),
     'delayed', count(*) FILTER (WHERE d.state = 'delayed'),
     'children', (SELECT count(*) FROM children c WHERE c.parent_id = runs.id),
     'timers', (SELECT count(*) FROM timers t WHERE t.run_id = runs.id AND t.slot <> '${TIMEOUT_SLOT}'),
     'due_at', least(min(d.due_at), (SELECT min(t.due_at) FROM timers t WHERE t.run_id = runs.id AND t.slot <> '${TIMEOUT_SLOT}')))
   FROM dispatch d WHERE d.run_id = runs.id) AS live
  FROM runs`;
const ENDED = `SELECT ${COMMON}, status, output, outputs, error, finished_at, false AS canceling, NULL AS paused_by, NULL::json AS live FROM run_history`;

export async function selectRun(pool: Pool, id: string): Promise<RunRow | undefined> {
  const result = await pool.query<RunRow>({
    name: "engine_run",
    text: `${LIVE} WHERE id = $1 UNION ALL ${ENDED} WHERE id = $1`,
    values: [id],
  });
  return result.rows[0];
}

/** Newest first, one keyset page. Each table gives at most a page, so a million ended runs cost no more than fifty. */
export async function selectRuns(pool: Pool, filter: RunFilter): Promise<RowsWithinBytes<RunRow>> {
  const query = pageQuery(filter);
  if (filter.payloads === false)
    return { rows: (await pool.query<RunRow>(query.text, query.values)).rows, isCut: false };
  const columns = ["input", "output", "outputs"];
  return await readWithinBytes(pool, query, { columns, order: "desc" });
}

function pageQuery(filter: RunFilter): { text: string; values: unknown[] } {
  const { where, values } = conditionsOf(filter);
  const columns = (text: string): string =>
    filter.payloads === false ? withoutPayloads(text) : text;
  values.push(filter.limit);
  const page = `ORDER BY id DESC LIMIT $${values.length}`;
  const { status } = filter;
  if (status !== undefined && isFinal(status)) {
    values.push(status);
    const text = `${columns(ENDED)} ${where("run_history")} AND status = $${values.length} ${page}`;
    return { text, values };
  }
  const live = `${columns(LIVE)} ${where("runs")} ${page}`;
  // The status of a live run is what its attempts are doing; it is filtered by the caller.
  if (status !== undefined) return { text: live, values };
  const text = `SELECT * FROM ((${live}) UNION ALL (${columns(ENDED)} ${where("run_history")} ${page})) page ${page}`;
  return { text, values };
}

/** Ids begin with the time, so that times of creation are ranges of the primary key. */
function conditionsOf(filter: RunFilter): { where: (table: Table) => string; values: unknown[] } {
  const values: unknown[] = [];
  const conditions = ["true"];
  const add = (condition: (parameter: string) => string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  add((p) => `id < ${p}`, filter.before);
  add((p) => `ref = ${p}`, filter.ref);
  add((p) => `event_id = ${p}`, filter.eventId);
  add((p) => `parent_id = ${p}`, filter.parentId);
  if (filter.rootsOnly === true) conditions.push("parent_id IS NULL");
  add((p) => `retry_of = ${p}`, filter.retryOf);
  // Of a run that was given none, the trace is made of its id.
  add(
    (p) => `(substr(traceparent, 4, 32) = ${p} OR traceparent IS NULL AND id = ${p}::uuid)`,
    filter.traceId,
  );
  if (filter.idPrefix !== undefined) {
    const { first, last } = idsFrom(filter.idPrefix);
    add((p) => `id >= ${p}`, first);
    add((p) => `id <= ${p}`, last);
  }
  add((p) => `id >= ${p}`, filter.since && firstUuidAt(filter.since.getTime()));
  add((p) => `id < ${p}`, filter.until && firstUuidAt(filter.until.getTime()));
  const all = `WHERE ${conditions.join(" AND ")}`;
  if (filter.idSuffix === undefined) return { where: () => all, values };
  values.push(idEnding(filter.idSuffix));
  const ending = `$${values.length}`;
  // As an array, so that the ids are looked for first, and the rest of their rows is read by them.
  return { where: (table) => `${all} AND id = ANY(ARRAY(${endingIn(table, ending)}))`, values };
}

type Table = "runs" | "run_history";

function endingIn(table: Table, ending: string): string {
  return `SELECT id FROM (SELECT id FROM ${table} ORDER BY id DESC LIMIT ${MAX_ENDINGS_READ}) newest
    WHERE right(id::text, length(${ending})) = ${ending}`;
}

function withoutPayloads(text: string): string {
  return text
    .replace("ref, input,", "ref, NULL::json AS input,")
    .replace("status, output, outputs,", "status, NULL::json AS output, NULL::json AS outputs,");
}

/** Of these runs, those that were tried again. */
export async function selectRetried(pool: Pool, ids: readonly string[]): Promise<string[]> {
  const result = await pool.query<{ id: string }>(
    `SELECT retry_of AS id FROM runs WHERE retry_of = ANY($1) UNION
     SELECT retry_of FROM run_history WHERE retry_of = ANY($1)`,
    [ids],
  );
  return result.rows.map((row) => row.id);
}

export interface DispatchView {
  readonly slot: string;
  readonly number: number;
  readonly state: "ready" | "delayed" | "paused" | "leased";
  /** A RunnerKind, or the target of nodes; empty for what is leased. */
  readonly runner: string;
  readonly queue: string;
  readonly key: string | null;
  readonly due_at: string | null;
  readonly leased_at: string | null;
  readonly session_id: string | null;
  /** Since when the process is gone that has it. */
  readonly gone_at: string | null;
  /** What the node is called that has it. */
  readonly node: string | null;
}

export async function selectDispatch(pool: Pool, runId: string): Promise<DispatchView[]> {
  const result = await pool.query<DispatchView>(
    `SELECT * FROM (
       SELECT slot, number, state, runner, queue, key, due_at, NULL::timestamptz AS leased_at, NULL::uuid AS session_id, NULL::timestamptz AS gone_at, NULL AS node
       FROM dispatch WHERE run_id = $1
       UNION ALL
       SELECT l.slot, l.number, 'leased', '', l.queue, l.key, NULL, l.leased_at, l.session_id,
         CASE WHEN s.ended_at IS NOT NULL OR s.expires_at < clock_timestamp() THEN least(s.ended_at, s.expires_at) END, s.name
       FROM leases l LEFT JOIN sessions s ON s.id = l.session_id WHERE l.run_id = $1) attempts
     ORDER BY split_part(slot, '#', 1), length(slot), slot, number`,
    [runId],
  );
  return result.rows;
}

export async function selectTimers(
  pool: Pool,
  runId: string,
): Promise<{ slot: string; due_at: string }[]> {
  const result = await pool.query<{ slot: string; due_at: string }>(
    "SELECT slot, due_at FROM timers WHERE run_id = $1 ORDER BY due_at",
    [runId],
  );
  return result.rows;
}

export interface LaneView {
  readonly concurrency: number | null;
  readonly key_concurrency: number | null;
  readonly fifo: boolean;
  readonly rate: LaneRate | null;
  /** While the rate is used up: when it starts attempts again. */
  readonly next_start_at: string | null;
  readonly paused_by: string | null;
  readonly leased: number;
  readonly ahead: number;
  /** The run at the head of the key's line, in a FIFO lane. */
  readonly head: string | null;
  /** How many live. */
  readonly workers: number;
  /** Those of them that rest from processes. */
  readonly resting: readonly RestingWorker[];
}

export async function selectLane(
  pool: Pool,
  runId: string,
  queue: string,
  key: string | null,
): Promise<LaneView | undefined> {
  const result = await pool.query<LaneView>(
    `SELECT q.concurrency, q.key_concurrency, q.fifo, q.paused_by,
       CASE WHEN q.rate_starts IS NOT NULL THEN json_build_object('starts', q.rate_starts, 'perMs', q.rate_per_ms) END AS rate,
       CASE WHEN q.next_start_at > clock_timestamp() THEN q.next_start_at END AS next_start_at,
       (SELECT count(*)::int FROM leases l WHERE l.queue = q.name AND l.queue <> '') AS leased,
       (SELECT count(*)::int FROM dispatch d WHERE d.state = 'ready' AND d.queue = q.name AND d.queue <> '' AND d.run_id < $1) AS ahead,
       (SELECT k.run_id::text FROM queue_keys k WHERE k.queue = q.name AND k.key = $3 ORDER BY k.position LIMIT 1) AS head,
       ${livingAs("worker")} AS workers, ${RESTING} AS resting
     FROM queues q WHERE q.name = $2`,
    [runId, queue, key],
  );
  return result.rows[0];
}

export type Line = Pick<LaneView, "ahead" | "workers" | "resting">;

/** How many ready attempts without a lane stand before this run's, how many workers live, and which of them rest. */
export async function selectLine(pool: Pool, runId: string): Promise<Line> {
  const result = await pool.query<Line>(
    `SELECT (SELECT count(*)::int FROM dispatch WHERE state = 'ready' AND queue = '' AND run_id < $1) AS ahead,
            ${livingAs("worker")} AS workers, ${RESTING} AS resting`,
    [runId],
  );
  return result.rows[0] ?? { ahead: 0, workers: 0, resting: [] };
}

/** Whether processes live, and none of them fires what is due and gives out again what is lost. */
export async function lacksScheduler(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ lacks: boolean }>(
    `SELECT ${livingAs("api")} > 0 AND ${livingAs("scheduler")} = 0 AS lacks`,
  );
  return rows[0]?.lacks === true;
}

type Role = "api" | "worker" | "scheduler";

function livingAs(role: Role): string {
  return `(SELECT count(*)::int FROM sessions WHERE ${livesAs(role)})`;
}

function livesAs(role: Role): string {
  return `ended_at IS NULL AND expires_at > clock_timestamp() AND '${role}' = ANY(roles)`;
}

const RESTING = `(SELECT coalesce(json_agg(json_build_object('id', id, 'host', host, 'resting', resting) ORDER BY created_at), '[]')
         FROM sessions WHERE ${livesAs("worker")} AND resting IS NOT NULL)`;

/** Of these runs, those that have ended. */
export async function selectEnded(pool: Pool, ids: readonly string[]): Promise<string[]> {
  const result = await pool.query<{ id: string }>("SELECT id FROM run_history WHERE id = ANY($1)", [
    ids,
  ]);
  return result.rows.map((row) => row.id);
}

/** A run that is a step of another, while that waits for it. */
export interface ChildView {
  readonly slot: string;
  readonly child_id: string;
  readonly ref: string;
  /** Before that there is no such run yet. */
  readonly is_born: boolean;
}

/** The child runs that a run waits for, those of a step by the numbers of its items. */
export async function selectChildren(pool: Pool, runId: string): Promise<ChildView[]> {
  const result = await pool.query<ChildView>(
    "SELECT slot, child_id, ref, state <> 'new' AS is_born FROM children WHERE parent_id = $1 ORDER BY split_part(slot, '#', 1), length(slot), slot",
    [runId],
  );
  return result.rows;
}

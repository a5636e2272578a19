import { TIMEOUT_SLOT } from "@yardmaster/kernel";
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
  readonly inquiries: number;
  /** One of them. */
  readonly inquiry: string | null;
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
     'inquiries', (SELECT count(*) FROM inquiries q WHERE q.run_id = runs.id AND q.status = 'open'),
     'inquiry', (SELECT max(q.id::text) FROM inquiries q WHERE q.run_id = runs.id AND q.status = 'open'),
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
  add((p) => `id = ANY(${p}::uuid[])`, filter.ids);
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

/** The latest new try of a run; undefined where it was not tried again. */
export async function selectLastRetry(pool: Pool, id: string): Promise<string | undefined> {
  const result = await pool.query<{ id: string }>(
    `SELECT id FROM runs WHERE retry_of = $1 UNION ALL
     SELECT id FROM run_history WHERE retry_of = $1 ORDER BY id DESC LIMIT 1`,
    [id],
  );
  return result.rows[0]?.id;
}

/** Of these runs, those that have ended. */
export async function selectEnded(pool: Pool, ids: readonly string[]): Promise<string[]> {
  const result = await pool.query<{ id: string }>("SELECT id FROM run_history WHERE id = ANY($1)", [
    ids,
  ]);
  return result.rows.map((row) => row.id);
}

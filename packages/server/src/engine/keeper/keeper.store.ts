import type { AttemptPlace, Reused, RunEvent } from "@yardmaster/kernel";
import type { Json } from "@yardmaster/protocol";
import type { Pool } from "pg";
import type { ParentStep } from "../commit/run-op.types.ts";

/** A row of the journal: what was recorded, and what was decided upon it. */
export interface Advance {
  readonly events: readonly RunEvent[];
  readonly decisions: readonly string[];
}

/** A live run as it is stored: what it is the fold of. */
export interface StoredRun {
  readonly version: number;
  readonly ref: string;
  readonly packDigest: string | null;
  readonly input: Json;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly eventId: string | null;
  readonly rule: string | null;
  readonly retryOf: string | null;
  readonly traceparent: string | null;
  readonly parent: ParentStep | null;
  /** The session that carries out instant attempts of the run: those that are open and not placed. */
  readonly instantBy: string | null;
  /** Attempts that wait or are leased. */
  readonly placed: readonly AttemptPlace[];
  /** What it took over from the run that it tries again. */
  readonly reused: Reused | null;
  readonly advances: readonly Advance[];
}

/** Of `runs` and `run_history`, as a StoredRun has them. */
export const COLUMNS = `version, ref, pack_digest AS "packDigest", input, created_at AS "createdAt", created_by AS "createdBy",
  event_id AS "eventId", rule, retry_of AS "retryOf", traceparent, CASE WHEN parent_id IS NOT NULL THEN
    json_build_object('runId', parent_id, 'slot', parent_slot, 'number', parent_number) END AS parent`;

const STORED = (runs: string): string => `SELECT run.*,
       (SELECT json_agg(json_build_object('events', j.events, 'decisions', j.decisions) ORDER BY j.version)
        FROM journal j WHERE j.run_id = run.id) AS advances,
       (SELECT coalesce(json_agg(attempt), '[]') FROM (
          SELECT slot, number FROM dispatch WHERE run_id = run.id UNION ALL
          SELECT slot, number FROM leases WHERE run_id = run.id) attempt) AS placed
     FROM (${runs}) run`;

const LIVE = `SELECT id, ${COLUMNS}, instant_by AS "instantBy" FROM runs`;

/**
 * The run with its journal, read in one statement and so at one moment; undefined when it is not live.
 * `ended: true` looks in the history as well.
 */
export async function loadRun(
  pool: Pool,
  runId: string,
  options: { ended: boolean },
): Promise<StoredRun | undefined> {
  const history = options.ended
    ? `UNION ALL SELECT id, ${COLUMNS}, NULL FROM run_history WHERE id = $1`
    : "";
  const result = await pool.query<WholeRow>(STORED(`${LIVE} WHERE id = $1 ${history}`), [runId]);
  const row = result.rows[0];
  return row === undefined ? undefined : wholeRun(row);
}

/** Live runs with their journals, each as of the same moment; those that are not live are left out. */
export async function loadRuns(
  pool: Pool,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, StoredRun>> {
  const result = await pool.query<WholeRow>({
    name: "engine_load",
    text: STORED(`${LIVE} WHERE id = ANY($1::uuid[])`),
    values: [runIds],
  });
  return new Map(result.rows.map((row) => [row.id, wholeRun(row)]));
}

/** A row of STORED. */
interface WholeRow extends RunRow {
  readonly id: string;
  readonly placed: StoredRun["placed"];
  readonly advances: readonly Advance[] | null;
}

function wholeRun(row: WholeRow): StoredRun {
  return storedRun(row, row.placed, row.advances ?? []);
}

/** A row of COLUMNS and of `instantBy`, as the driver gives it. */
export type RunRow = Omit<StoredRun, "createdAt" | "placed" | "reused" | "advances"> & {
  readonly createdAt: string;
};

/** Field by field: spreading the rows of a backlog takes a twentieth of its time. */
export function storedRun(
  row: RunRow,
  placed: StoredRun["placed"],
  rows: readonly Advance[],
): StoredRun {
  const { reused, advances } = storedAdvances(rows);
  return {
    version: row.version,
    ref: row.ref,
    packDigest: row.packDigest,
    input: row.input,
    createdAt: new Date(row.createdAt),
    createdBy: row.createdBy,
    eventId: row.eventId,
    rule: row.rule,
    retryOf: row.retryOf,
    traceparent: row.traceparent,
    parent: row.parent,
    instantBy: row.instantBy,
    placed,
    reused,
    advances,
  };
}

/** The birth of a new try begins with what it took over; that is no event of the run. */
export function storedAdvances(rows: readonly Advance[]): Pick<StoredRun, "reused" | "advances"> {
  const [birth, ...rest] = rows;
  const first = birth?.events[0] as
    | (Omit<Reused, "outputs"> & { readonly type: string; readonly steps: Reused["outputs"] })
    | undefined;
  if (birth === undefined || first?.type !== "reused") return { reused: null, advances: rows };
  const { type: _, steps: outputs, ...more } = first;
  const reused = { outputs, ...more };
  return { reused, advances: [{ ...birth, events: birth.events.slice(1) }, ...rest] };
}

/** Attempts of a run that is being canceled that no worker has: nobody else will report their end. */
export async function stoppedUnleased(pool: Pool, runId: string): Promise<AttemptPlace[]> {
  const result = await pool.query<AttemptPlace>(
    "SELECT d.slot, d.number FROM dispatch d JOIN runs r ON r.id = d.run_id WHERE d.run_id = $1 AND r.canceling",
    [runId],
  );
  return result.rows;
}

import type { AttemptPlace } from "@yardmaster/kernel";
import type { FinalStatus, Json, WorkError } from "@yardmaster/protocol";
import type { Pool } from "pg";

/** A run whose cancel was asked of a process that does not have its definition. */
export interface AskedCancel {
  readonly runId: string;
  readonly by: string;
  readonly askedMs: number;
  /** No run that is a step of it is live: those end first. */
  readonly isLeaf: boolean;
}

/** Everything of a run that stands in rows: what its end has to take along. */
export interface OpenRows {
  /** False: whoever has the definition cancels it in order. */
  readonly isAsked: boolean;
  readonly attempts: readonly (AttemptPlace & {
    /** The session that has it, and since when (Unix milliseconds); null while it waits. */
    readonly worker: string | null;
    readonly leasedAtMs: number | null;
  })[];
  readonly timers: readonly AttemptPlace[];
  /** Questions that are open. */
  readonly inquiries: readonly AttemptPlace[];
  readonly children: readonly (AttemptPlace & {
    readonly run: string;
    /** Null while it has not ended. */
    readonly status: FinalStatus | null;
    readonly output: Json;
    readonly error: WorkError | null;
    readonly isLive: boolean;
  })[];
}

/**
 * Notes the wish, of the run and of all runs that are its steps; one that was noted stays as it was. Nothing more of them
 * is leased from then on. Rows are locked in the order of their ids, as in a flush.
 */
export async function askCancel(pool: Pool, runId: string, by: string): Promise<void> {
  await pool.query(
    `WITH RECURSIVE tree (id, by) AS (
       SELECT $1::uuid, $2::text
       UNION ALL
       SELECT c.child_id, 'run:' || tree.id FROM tree JOIN children c ON c.parent_id = tree.id AND c.state = 'started'
     ), locked AS (
       SELECT r.id FROM runs r WHERE r.id IN (SELECT id FROM tree) AND r.cancel_asked_at IS NULL ORDER BY r.id FOR UPDATE
     )
     UPDATE runs r SET cancel_asked_by = tree.by, cancel_asked_at = clock_timestamp()
     FROM tree JOIN locked USING (id) WHERE r.id = tree.id AND r.cancel_asked_at IS NULL`,
    [runId, by],
  );
}

/** Reads alone: whoever sees to one first moves its version, or ends it. */
export async function askedCancels(pool: Pool, limit: number): Promise<AskedCancel[]> {
  const result = await pool.query<AskedCancel>(
    `SELECT r.id AS "runId", r.cancel_asked_by AS by,
       (extract(epoch FROM clock_timestamp() - r.cancel_asked_at) * 1000)::float8 AS "askedMs",
       NOT EXISTS (SELECT FROM children c WHERE c.parent_id = r.id AND c.state = 'started') AS "isLeaf"
     FROM runs r WHERE r.cancel_asked_at IS NOT NULL ORDER BY r.cancel_asked_at LIMIT $1`,
    [limit],
  );
  return result.rows;
}

/** It could not be canceled any more; the advance that cancels a run takes the note away itself. */
export async function forgetCancel(pool: Pool, runId: string): Promise<void> {
  await pool.query(
    "UPDATE runs SET cancel_asked_by = NULL, cancel_asked_at = NULL WHERE id = $1 AND cancel_asked_at IS NOT NULL",
    [runId],
  );
}

/** Withdraws the runs that are to be steps of this one and are not born: nobody hears of them when it has ended. */
export async function withdrawUnborn(pool: Pool, runId: string): Promise<void> {
  await pool.query(
    "UPDATE children SET state = 'ended', moved_at = clock_timestamp() WHERE parent_id = $1 AND state = 'new'",
    [runId],
  );
}

/**
 * Leases of a run that is gone. A claim that was under way when it ended has committed by then, since that end waited for
 * its locks, but could not see what it leased.
 */
export async function dropLeases(pool: Pool, runId: string): Promise<void> {
  await pool.query(
    "DELETE FROM leases WHERE run_id = $1 AND NOT EXISTS (SELECT FROM runs WHERE id = $1)",
    [runId],
  );
}

/** Of one moment. A claim may lease what waits here a moment later: its rows are told by their places alone. */
export async function openRows(pool: Pool, runId: string): Promise<OpenRows> {
  const result = await pool.query<OpenRows>(
    `SELECT EXISTS (SELECT FROM runs WHERE id = $1 AND cancel_asked_at IS NOT NULL) AS "isAsked",
       (SELECT coalesce(json_agg(a), '[]') FROM (
          SELECT slot, number, NULL::uuid AS worker, NULL::float8 AS "leasedAtMs" FROM dispatch WHERE run_id = $1
          UNION ALL
          SELECT slot, number, session_id, floor(extract(epoch FROM leased_at) * 1000) FROM leases WHERE run_id = $1) a) AS attempts,
       (SELECT coalesce(json_agg(json_build_object('slot', slot, 'number', number)), '[]')
        FROM timers WHERE run_id = $1) AS timers,
       (SELECT coalesce(json_agg(json_build_object('slot', slot, 'number', number)), '[]')
        FROM inquiries WHERE run_id = $1 AND status = 'open') AS inquiries,
       (SELECT coalesce(json_agg(json_build_object('slot', c.slot, 'number', c.number, 'run', c.child_id, 'status', h.status,
          'output', h.output, 'error', h.error, 'isLive', EXISTS (SELECT FROM runs r WHERE r.id = c.child_id))), '[]')
        FROM children c LEFT JOIN run_history h ON h.id = c.child_id WHERE c.parent_id = $1) AS children`,
    [runId],
  );
  return result.rows[0] as OpenRows;
}

/** What is asked of the store about runs whose definition is not there. */
export interface AskedCancelStore {
  askCancel(runId: string, by: string): Promise<void>;
  askedCancels(limit: number): Promise<AskedCancel[]>;
  forgetCancel(runId: string): Promise<void>;
  withdrawUnborn(runId: string): Promise<void>;
  openRows(runId: string): Promise<OpenRows>;
  dropLeases(runId: string): Promise<void>;
}

export function createAskedCancelStore(pool: Pool): AskedCancelStore {
  return {
    askCancel: (runId, by) => askCancel(pool, runId, by),
    askedCancels: (limit) => askedCancels(pool, limit),
    forgetCancel: (runId) => forgetCancel(pool, runId),
    withdrawUnborn: (runId) => withdrawUnborn(pool, runId),
    openRows: (runId) => openRows(pool, runId),
    dropLeases: (runId) => dropLeases(pool, runId),
  };
}

import type { Json } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { COLUMNS, type StoredRun, storedRun } from "./keeper.store.ts";
import { INSTANT } from "./runner-kind.ts";

/** A ready instant attempt with its run: all that is needed to carry it out and record it. */
export interface ReadyInstant {
  readonly runId: string;
  readonly slot: string;
  readonly number: number;
  readonly priority: number;
  readonly input: Json;
  readonly stored: StoredRun;
}

/** A piece of the backlog. Of paused and canceled runs nothing is given, but their rows were passed. */
export interface InstantStretch {
  readonly ready: readonly ReadyInstant[];
  /** Where the next one begins; undefined where this was the last. */
  readonly next: InstantPlace | undefined;
}

/** Place of a row in the order of reading. */
export type InstantPlace = Pick<ReadyInstant, "priority" | "runId" | "slot">;

/**
 * Ready instant attempts behind a place, oldest runs of the best priority first. Locks nothing: whoever records an end
 * first moves the run's version, and takes the row away with it; whoever else has read it comes late.
 */
export async function readyInstants(
  pool: Pool,
  after: InstantPlace | undefined,
  skip: number,
  limit: number,
): Promise<InstantStretch> {
  const { rows } = await pool.query({
    name: "engine_ready_instants",
    text: `SELECT d.run_id AS id, d.slot, d.number, d.priority, d.input AS given, run.*,
        CASE WHEN run.version > 1 THEN
          (SELECT json_agg(json_build_object('events', j.events, 'decisions', j.decisions) ORDER BY j.version)
           FROM journal j WHERE j.run_id = d.run_id) END AS advances,
        CASE WHEN run.version = 1 THEN (SELECT j.events FROM journal j WHERE j.run_id = d.run_id AND j.version = 1) END AS birth
      FROM (SELECT run_id, slot, number, priority, input FROM dispatch
            WHERE state = 'ready' AND queue = '' AND runner = '${INSTANT}' AND (priority, run_id, slot) > ($1::smallint, $2::uuid, $3)
            ORDER BY priority, run_id, slot OFFSET $4 LIMIT $5) d
      LEFT JOIN LATERAL (
        SELECT ${COLUMNS}, instant_by AS "instantBy" FROM runs r
        WHERE r.id = d.run_id AND NOT r.canceling AND r.paused_by IS NULL OFFSET 0) run ON true
      ORDER BY d.priority, d.run_id, d.slot`,
    values: [after?.priority ?? 0, after?.runId ?? FIRST, after?.slot ?? "", skip, limit],
  });
  return { ready: rows.flatMap(readyInstant), next: nextOf(rows, limit) };
}

// biome-ignore lint/suspicious/noExplicitAny: a row as the driver gives it.
function readyInstant({ id, slot, number, priority, given, birth, ...row }: any): ReadyInstant[] {
  if (row.version === null) return [];
  const advances = row.advances ?? [{ events: birth, decisions: [] }];
  const stored = storedRun({ ...row, placed: [], advances });
  return [{ runId: id, slot, number, priority, input: given, stored }];
}

function nextOf(
  rows: readonly { id: string; slot: string; priority: number }[],
  limit: number,
): InstantPlace | undefined {
  const last = rows.length < limit ? undefined : rows.at(-1);
  return last && { runId: last.id, slot: last.slot, priority: last.priority };
}

const FIRST = "00000000-0000-0000-0000-000000000000";

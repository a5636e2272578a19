import type { Json } from "@yardmaster/protocol";
import type { Pool } from "pg";
import {
  type Advance,
  COLUMNS,
  type RunRow,
  type StoredRun,
  storedRun,
} from "../keeper/keeper.store.ts";
import { INSTANT } from "../worker/runner-kind.ts";
import { byTurn } from "../worker/turn.store.ts";

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
 * first moves the run's version, and takes the row away with it; whoever else has read it comes late. A run comes with
 * the first of its attempts alone: the journal of one with thousands that wait is as long.
 */
export async function readyInstants(
  pool: Pool,
  after: InstantPlace | undefined,
  skip: number,
  limit: number,
): Promise<InstantStretch> {
  const { rows } = await pool.query<InstantRow>({
    name: "engine_ready_instants",
    text: `SELECT d.run_id AS id, d.slot, d.number, d.priority, d.input AS given, run.*,
        CASE WHEN run.version > 1 THEN
          (SELECT json_agg(json_build_object('events', j.events, 'decisions', j.decisions) ORDER BY j.version)
           FROM journal j WHERE j.run_id = d.run_id) END AS advances,
        CASE WHEN run.version = 1 THEN (SELECT j.events FROM journal j WHERE j.run_id = d.run_id AND j.version = 1) END AS birth
      FROM (SELECT *, row_number() OVER (PARTITION BY run_id ORDER BY ${byTurn("stretch")}) AS nth
            FROM (SELECT run_id, slot, number, priority, input FROM dispatch w
                  WHERE state = 'ready' AND queue = '' AND runner = '${INSTANT}' AND (${byTurn("w")}) > ($1::smallint, $2::uuid, length($3::text), $3)
                  ORDER BY ${byTurn("w")} OFFSET $4 LIMIT $5) stretch) d
      LEFT JOIN LATERAL (
        SELECT ${COLUMNS}, instant_by AS "instantBy" FROM runs r
        WHERE r.id = d.run_id AND d.nth = 1 AND NOT r.canceling AND r.paused_by IS NULL OFFSET 0) run ON true
      ORDER BY ${byTurn("d")}`,
    values: [after?.priority ?? 0, after?.runId ?? FIRST, after?.slot ?? "", skip, limit],
  });
  return { ready: readyOf(rows), next: nextOf(rows, limit) };
}

/** The attempt, and its run unless it came before, or is paused or canceled: then `version` is null. */
interface InstantRow extends Omit<RunRow, "version"> {
  readonly version: number | null;
  readonly id: string;
  readonly slot: string;
  readonly number: number;
  readonly priority: number;
  readonly given: Json;
  /** Of a run that has advanced since its birth. */
  readonly advances: readonly Advance[] | null;
  /** Of one that has not. */
  readonly birth: Advance["events"] | null;
}

function readyOf(rows: readonly InstantRow[]): ReadyInstant[] {
  const ready: ReadyInstant[] = [];
  const runs = new Map<string, StoredRun>();
  for (const row of rows) {
    const stored = runs.get(row.id) ?? runOf(row);
    if (stored === undefined) continue;
    runs.set(row.id, stored);
    ready.push({
      runId: row.id,
      slot: row.slot,
      number: row.number,
      priority: row.priority,
      input: row.given,
      stored,
    });
  }
  return ready;
}

function runOf(row: InstantRow): StoredRun | undefined {
  if (!hasRun(row)) return undefined;
  return storedRun(row, [], row.advances ?? [{ events: row.birth ?? [], decisions: [] }]);
}

function hasRun(row: InstantRow): row is InstantRow & RunRow {
  return row.version !== null;
}

function nextOf(
  rows: readonly { id: string; slot: string; priority: number }[],
  limit: number,
): InstantPlace | undefined {
  const last = rows.length < limit ? undefined : rows.at(-1);
  return last && { runId: last.id, slot: last.slot, priority: last.priority };
}

const FIRST = "00000000-0000-0000-0000-000000000000";

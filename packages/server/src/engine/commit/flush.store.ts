import type { ClientBase } from "pg";
import { fromTable, type Parameter, type ParameterValue, tableValues } from "../../db/index.ts";
import { FRAGMENTS, type Fragment, WRITTEN } from "./flush-fragments.store.ts";
import { type FlushRows, gather } from "./flush-rows.ts";
import type { RunOp } from "./run-op.types.ts";

/** A fragment that a flush has rows for, with its values. */
interface Filled {
  readonly fragment: Fragment;
  readonly isSingle: boolean;
  readonly values: readonly ParameterValue[];
}

function filledBy(rows: FlushRows): Filled[] {
  const filled: Filled[] = [];
  for (const fragment of FRAGMENTS) {
    const own = fragment.rows(rows);
    if (own.length === 0) continue;
    // What has no rows of its own reads the ops.
    const isSingle = fragment.table === undefined ? rows.ops.length === 1 : own.length === 1;
    filled.push({
      fragment,
      isSingle,
      values: fragment.table === undefined ? [] : tableValues(fragment.table, own),
    });
  }
  return filled;
}

const texts = new Map<string, string>();

function textOf(filled: readonly Filled[], shape: string): string {
  const known = texts.get(shape);
  if (known !== undefined) return known;
  let count = 1;
  const $: Parameter = () => `$${++count}`;
  const ctes = filled.map(({ fragment: { table, sql }, isSingle }) =>
    sql(table === undefined ? "" : fromTable(table, isSingle, $), isSingle),
  );
  const names = filled.map(({ fragment }) => fragment.name);
  const written = WRITTEN.filter(([name]) => names.includes(name)).map(
    ([, table]) => `SELECT id FROM ${table}`,
  );
  // RECURSIVE lets the fragments stand in any order; none refers to itself.
  const text = `WITH RECURSIVE ${ctes.join(",\n  ")},
  ok AS MATERIALIZED (${written.join(" UNION ALL ")})
SELECT EXISTS (SELECT FROM live) AS live,
  CASE WHEN (SELECT count(*) FROM ok) < ${$()}::int THEN ARRAY(SELECT id FROM ok)::text[] END AS done`;
  texts.set(shape, text);
  return text;
}

export interface FlushResult {
  /** False: this session was ended, nothing was written. */
  readonly live: boolean;
  /** Runs whose op is durable now; the statement names them only where they are not all. The others were decided on a version that has passed. */
  readonly done: ReadonlySet<string>;
}

/** Writes the ops, at most one a run, in one statement. Text columns must be free of NUL. */
export async function writeRunOps(
  client: ClientBase,
  sessionId: string,
  ops: readonly RunOp[],
): Promise<FlushResult> {
  const filled = filledBy(gather(ops));
  const shape = filled
    .map(({ fragment, isSingle }) => (isSingle ? `${fragment.name}1` : fragment.name))
    .join("");
  const result = await client.query<{ live: boolean; done: string[] | null }>({
    name: `engine_flush_${shape}`,
    text: textOf(filled, shape),
    values: [sessionId, ...filled.flatMap(({ values }) => values), String(ops.length)],
  });
  const { live = false, done = [] } = result.rows[0] ?? {};
  return { live, done: new Set(done ?? ops.map((op) => op.runId)) };
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

/**
 * Gives what waits of these runs the state that their pause wants, in the transaction of the advance that has changed it.
 * A statement of its own, for a snapshot of its own; and delayed rows are written as they are: one that comes due
 * meanwhile is locked, by this or by `readyDelayed`, so that whoever is second sees what the first has made of it.
 */
export async function turnPauses(client: ClientBase, runIds: readonly string[]): Promise<void> {
  await client.query({
    name: "engine_turn_pauses",
    text: `UPDATE dispatch d SET
        state = CASE WHEN d.state = 'delayed' THEN 'delayed' WHEN r.paused_by IS NULL THEN 'ready' ELSE 'paused' END,
        ready_at = CASE WHEN d.state = 'paused' AND r.paused_by IS NULL THEN clock_timestamp() ELSE d.ready_at END
      FROM (SELECT id, paused_by FROM runs WHERE id = ANY($1::uuid[]) OFFSET 0) r WHERE d.run_id = r.id`,
    values: [runIds],
  });
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

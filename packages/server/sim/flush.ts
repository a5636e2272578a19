import type { Sent, UnitOutcome } from "../src/engine/commit/flush.ts";
import type { RunOp } from "../src/engine/commit/run-op.types.ts";
import type { Ledger } from "./ledger/ledger.ts";
import * as model from "./model/index.ts";
import type { Life, Network } from "./network.ts";
import type { World } from "./world.ts";

export interface FlushDeps {
  readonly world: World;
  readonly network: Network;
  readonly tables: model.Tables;
  readonly ledger: Ledger;
  readonly broken: model.Breakage;
}

/** Writes a batch for a session of a process, and tells the ledger what has become durable. */
export function flush(
  { world, network, tables, ledger, broken }: FlushDeps,
  life: Life,
  sessionId: string,
  batch: readonly Sent[],
): Promise<UnitOutcome[]> {
  const apply = (snapshot: number): UnitOutcome[] => {
    const ops = batch.flatMap(({ unit }) => unit.ops);
    if (new Set(ops.map((op) => op.runId)).size < ops.length)
      ledger.breach(`${life.name} advances a run twice in one flush`);
    const lines = (op: RunOp): number => tables.journal.get(op.runId)?.length ?? 0;
    const lengths = ops.map(lines);
    const wasLive = model.isLive(tables, sessionId, snapshot);
    const outcomes = model.writeBatch(tables, sessionId, batch, world.now(), snapshot, broken);
    const written = new Set(
      ops.filter((op, i) => lines(op) > (lengths[i] ?? 0)).map((op) => op.runId),
    );
    world.trace(() => `${life.name} flushed ${ops.map((op) => told(op, written)).join(", ")}`);
    ledger.committed(ops, written, life.host);
    if (written.size > 0 && !wasLive)
      ledger.breach(`${life.name} wrote for its session ${sessionId}, which had ended before`);
    return outcomes;
  };
  // What is written between its begin and its end it does not see.
  const begin = (): number => model.snapshotOf(tables);
  return network.call(life, `${life.name} flushes`, { begin, apply });
}

function told(op: RunOp, written: ReadonlySet<string>): string {
  const mark = written.has(op.runId) ? "" : " (not written)";
  return `${op.runId}@${op.expected + 1}${mark} ${op.decisions}`;
}

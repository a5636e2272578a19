import type { RunOp } from "../../src/engine/commit/run-op.types.ts";

export interface PauseCheckDeps {
  readonly now: () => number;
  readonly breach: (what: string) => void;
  /** From then on nothing fails any more: before, whoever tells the runs of a tree may be dead or away itself. */
  readonly calmFromMs: number;
}

/** From the pause of a run until it has reached the last run of its tree, level by level, by a sweep where need be. */
const REACH_MS = 10_000;

/**
 * Whether nothing starts in a paused tree: in the paused run itself from its pause on, but for what a statement had
 * begun before; in the runs that are its steps once the pause can have reached them.
 */
export function createPauseCheck({ now, breach, calmFromMs }: PauseCheckDeps) {
  const parents = new Map<string, string>();
  const pausedSince = new Map<string, number>();

  /** `begunAt`: when the statement began that started something in the run. */
  function started(runId: string, what: string, begunAt: number): void {
    const since = pausedSince.get(runId);
    if (since !== undefined && since < begunAt)
      breach(`${what} was started ${now() - since} ms after its run was paused`);
    startedBelow(runId, what);
  }

  function startedBelow(runId: string, what: string): void {
    for (let above = parents.get(runId); above !== undefined; above = parents.get(above)) {
      const since = Math.max(pausedSince.get(above) ?? Number.POSITIVE_INFINITY, calmFromMs);
      if (now() - since > REACH_MS)
        breach(`${what} was started though ${above}, of which it is a step, is paused`);
    }
  }

  /** An op that has become durable. */
  function written(op: RunOp): void {
    const { runId, create, pausedBy, finish } = op;
    const parent = create?.parent?.runId;
    if (parent !== undefined) {
      parents.set(runId, parent);
      startedBelow(runId, `run ${runId}`);
    }
    for (const { slot, state } of op.dispatch) {
      if (state !== "leased" && state !== "instant") continue;
      if (pausedBy === null) startedBelow(runId, `${runId}/${slot}`);
      else breach(`${runId}/${slot} was taken with an advance of its paused run`);
    }
    if (pausedBy === null || finish !== undefined) pausedSince.delete(runId);
    else if (!pausedSince.has(runId)) pausedSince.set(runId, now());
  }

  return { started, written };
}

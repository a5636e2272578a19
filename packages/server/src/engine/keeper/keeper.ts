import type { AttemptEnded, RunEvent } from "@yardmaster/kernel";
import { createAbandon } from "../abandon/abandon.ts";
import type { AskedCancelStore } from "../abandon/asked-cancels.store.ts";
import type { Unit, UnitOutcome } from "../commit/flush.ts";
import type { OpFrameDeps } from "../commit/op-frame.ts";
import {
  type Decided,
  type Instants,
  isTaken,
  type Reserve,
  type RunOp,
} from "../commit/run-op.types.ts";
import type { DefinitionSource, PreparedRun, RunRequest } from "../engine.types.ts";
import { createInstantBatch } from "../instants/instant-batch.ts";
import type { Assignment } from "../worker/assignment.ts";
import { INSTANT, type RunnerKind } from "../worker/runner-kind.ts";
import { type AfterCommitDeps, createAfterCommit } from "./after-commit.ts";
import { createBirths } from "./births.ts";
import { createDelivery } from "./delivery.ts";
import type { StoredRun } from "./keeper.store.ts";
import type { KeptRun } from "./kept-run.ts";
import { createMailboxes } from "./mailboxes.ts";
import type { Posted } from "./posted.ts";
import { prepareRun } from "./prepare-run.ts";

export interface KeeperDeps
  extends Omit<AfterCommitDeps, "worker" | "post" | "canceledEvent">,
    OpFrameDeps {
  readonly submit: (unit: Unit) => Promise<UnitOutcome>;
  readonly definitions: DefinitionSource;
  readonly load: (runId: string) => Promise<StoredRun | undefined>;
  readonly asked: AskedCancelStore;
  /** Resolves when this process has a session again, after the last one was ended. */
  readonly livingSession: () => Promise<void>;
  readonly worker: AfterCommitDeps["worker"] & {
    readonly reserve: Reserve;
    release(runner: RunnerKind): void;
    carryOutInstantly(assignment: Assignment): AttemptEnded;
  };
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
  /** Largest input of a run, as JSON text. */
  readonly maxInputBytes: number;
}

/** The one way to change a run, be it by a letter (see `createDelivery`), by its birth, or by instants that waited. */
export function createKeeper(deps: KeeperDeps) {
  const abandon = createAbandon({ ...deps, submit: submitted, settle });
  const boxes = createMailboxes({
    deliver: createDelivery({ ...deps, submit: submitted, settle, abandon }),
    // The end of an instant, or a birth, may be on its way: a second op of the run would only break the flush.
    before: (runId) => instants.recording(runId) ?? births.underWay(runId),
  });
  const post = (runId: string, event: RunEvent, part?: Unit["part"]): Promise<Posted> =>
    boxes.post(runId, { event, session: deps.sessionId(), ...(part !== undefined && { part }) });
  const afterCommit = createAfterCommit({ ...deps, post, canceledEvent });
  const births = createBirths({ ...deps, submit: submitted, isKept: boxes.has, settle });
  const instants = createInstantBatch({
    ...deps,
    isKept: boxes.has,
    submit: submitted,
    settle,
    post: ({ runId, event, run }) => boxes.post(runId, { event, waited: true }, run),
  });

  /** What an op decided is durable. */
  function settle(run: KeptRun, decided: Decided, op: RunOp, instants: Instants): void {
    run.state = decided.state;
    run.version++;
    run.instants = instants;
    if (op.finish === undefined) boxes.keep(run);
    afterCommit(run, decided, op);
  }

  /** Submits, and gives the reserved places back unless the rows that hold them are durable. */
  async function submitted(unit: Unit): Promise<UnitOutcome> {
    try {
      const outcome = await deps.submit(unit);
      if (outcome !== "done") releaseAll(unit.ops);
      return outcome;
    } catch (error) {
      releaseAll(unit.ops);
      throw error;
    }
  }

  function releaseAll(ops: readonly RunOp[]): void {
    for (const op of ops) {
      for (const row of op.dispatch) if (isTaken(row)) deps.worker.release(placeOf(row.runner));
    }
  }

  function canceledEvent(slot: string, number: number): RunEvent {
    const error = { code: "canceled", message: "canceled before it started" } as const;
    return {
      type: "attempt_ended",
      slot,
      number,
      status: "canceled",
      error,
      at: deps.now(),
      random: deps.random(),
    };
  }

  return {
    prepare: (request: RunRequest): PreparedRun => prepareRun(deps, request),
    commit: births.commit,
    /** Writes the birth of a run that is a step of another. */
    startChild: births.startChild,
    post,
    postInstants: instants.carryOutAll,
    canceledEvent,
    /** Whether this process keeps the live run, and so hears of its end here if it ends here. */
    keeps: boxes.has,
    /** Resolves when no mailbox has work. */
    idle: boxes.idle,
    /** Drops everything kept: after a lost session others may have advanced it. */
    forget: boxes.forget,
  };
}

export type Keeper = ReturnType<typeof createKeeper>;

/** What a row that this process has taken takes a place of. */
function placeOf(runner: string): RunnerKind {
  return runner === INSTANT ? "core" : (runner as RunnerKind);
}

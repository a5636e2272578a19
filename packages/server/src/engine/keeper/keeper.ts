import {
  type AttemptEnded,
  advance,
  boundResults,
  isAbandoned,
  type RunEvent,
} from "@yardmaster/kernel";
import { createSlices } from "../../slices.ts";
import { createAbandon } from "../abandon/abandon.ts";
import type { AskedCancelStore } from "../abandon/asked-cancels.store.ts";
import type { Unit, UnitOutcome } from "../commit/flush.ts";
import { type OpFrameDeps, opFrame } from "../commit/op-frame.ts";
import { runOp } from "../commit/run-op.ts";
import { type Decided, type Instants, isTaken, type RunOp } from "../commit/run-op.types.ts";
import type { DefinitionSource, PreparedRun, RunRequest } from "../engine.types.ts";
import { createInstantBatch } from "../instants/instant-batch.ts";
import type { Assignment } from "../worker/assignment.ts";
import { INSTANT, type RunnerKind } from "../worker/runner-kind.ts";
import { type AfterCommitDeps, createAfterCommit } from "./after-commit.ts";
import { createBirths } from "./births.ts";
import { definitionOf } from "./definition-of.ts";
import type { StoredRun } from "./keeper.store.ts";
import { foldInSlices, type KeptRun } from "./kept-run.ts";
import { createMailboxes, type Letter, type Mailbox } from "./mailboxes.ts";
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
    reserve(runner: RunnerKind, isInstant: boolean): boolean;
    release(runner: RunnerKind): void;
    carryOutInstantly(assignment: Assignment): AttemptEnded;
  };
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
  /** Largest input of a run, as JSON text. */
  readonly maxInputBytes: number;
}

/**
 * The one way to change a run. Its letters are applied in order, by the interpreter, to the state that this process
 * keeps, and committed as one advance guarded by the version. Where another process was faster the run is folded anew
 * and decided again; so any process may advance any run.
 */
export function createKeeper(deps: KeeperDeps) {
  const boxes = createMailboxes({
    deliver,
    // The end of an instant, or a birth, may be on its way: a second op of the run would only break the flush.
    before: (runId) => instants.recording(runId) ?? births.underWay(runId),
  });
  const post = (runId: string, event: RunEvent): Promise<Posted> =>
    boxes.post(runId, { event, session: deps.sessionId() });
  const afterCommit = createAfterCommit({ ...deps, post, canceledEvent });
  const births = createBirths({ ...deps, submit: submitted, isKept: boxes.has, settle });
  const instants = createInstantBatch({
    ...deps,
    isKept: boxes.has,
    submit: submitted,
    settle,
    post: ({ runId, event, run }) => boxes.post(runId, { event, waited: true }, run),
  });
  const abandon = createAbandon({ ...deps, submit: submitted, settle });

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

  async function deliver(runId: string, box: Mailbox, given: readonly Letter[]): Promise<void> {
    const [first] = given;
    if (first !== undefined && isAbandoned(first.event)) {
      box.run = undefined;
      return first.resolve(await abandon(runId, first.event));
    }
    let letters = given.some(isOutdated) ? given.map(asOfNow) : given;
    for (;;) {
      const isAsStored = box.run === undefined;
      box.run ??= await load(runId);
      if (box.run === undefined) {
        for (const letter of letters) letter.resolve("gone");
        return;
      }
      const outcome = await deliverTo(box.run, letters, isAsStored);
      if (outcome === "delivered") {
        if (box.run.state.phase === "ended") box.run = undefined;
        return;
      }
      box.run = undefined;
      if (outcome === "stale") continue;
      letters = letters.map((letter) => ({ ...letter, event: lostWithSession(letter.event) }));
      await deps.livingSession();
    }
  }

  /** The end of an attempt of its own, told before it was known that its session had been ended. */
  function isOutdated({ event, session }: Letter): boolean {
    const isOwn =
      event.type === "attempt_ended" && session !== undefined && event.worker === session;
    return isOwn && session !== deps.sessionId();
  }

  function asOfNow(letter: Letter): Letter {
    return isOutdated(letter) ? { ...letter, event: lostWithSession(letter.event) } : letter;
  }

  async function deliverTo(
    run: KeptRun,
    letters: readonly Letter[],
    isAsStored: boolean,
  ): Promise<"delivered" | "stale" | "ended"> {
    const events = boundResults(
      run.state,
      letters.map((letter) => letter.event),
    );
    const advanced = advance(run.workflow, run.state, events);
    // What seems late to a kept state may be news to the stored one.
    if (!isAsStored && advanced.verdicts.includes("late")) return "stale";
    const applied = events.filter((_, i) => advanced.verdicts[i] === "applied");
    if (applied.length > 0) {
      const at = new Date(applied.at(-1)?.at ?? deps.now());
      const frame = opFrame(deps, run, at);
      const goesOn = run.state.pausedBy !== undefined && advanced.state.pausedBy === undefined;
      const { state, effects } = advanced;
      const decided = { events: applied, state, effects, ...(goesOn && { goesOn }) };
      const waited = new Set(
        letters.flatMap(({ waited }, i) => (waited ? [events[i] as RunEvent] : [])),
      );
      const { op, instants } = runOp(frame, decided, run.instants, deps.worker.reserve, waited);
      const outcome = await submitted({ ops: [op] });
      if (outcome !== "done") return outcome === "ended" ? "ended" : "stale";
      settle(run, decided, op, instants);
    }
    for (const [i, letter] of letters.entries()) letter.resolve(advanced.verdicts[i] as Posted);
    return "delivered";
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

  async function load(runId: string): Promise<KeptRun | undefined> {
    const stored = await deps.load(runId);
    if (stored === undefined) return undefined;
    const workflow = await definitionOf(deps.definitions, runId, stored);
    return await foldInSlices(runId, stored, workflow, createSlices(deps.monotonicMs));
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

/**
 * The session was ended before the result was durable: a failure may be the work of who ended it. Not so of what was
 * canceled before anybody had it: it waits in `dispatch` still, where a loss would leave it.
 */
function lostWithSession(event: RunEvent): RunEvent {
  if (event.type !== "attempt_ended" || event.status === "success") return event;
  if (event.worker === undefined) return event;
  const { error: _, ...rest } = event;
  return { ...rest, status: "lost" };
}

/** What a row that this process has taken takes a place of. */
function placeOf(runner: string): RunnerKind {
  return runner === INSTANT ? "core" : (runner as RunnerKind);
}

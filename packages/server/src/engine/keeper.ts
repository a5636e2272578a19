import { type AttemptEnded, advance, type RunEvent } from "@yardmaster/kernel";
import { type AfterCommitDeps, createAfterCommit } from "./after-commit.ts";
import type { Assignment } from "./assignment.ts";
import { type Birth, birthOf } from "./birth.ts";
import type { ChildRow } from "./children.store.ts";
import type {
  CommitOutcome,
  CommitUnit,
  DefinitionSource,
  PreparedRun,
  RunRequest,
} from "./engine.types.ts";
import type { Unit, UnitOutcome } from "./flush.ts";
import { createInstantBatch } from "./instant-batch.ts";
import type { StoredRun } from "./keeper.store.ts";
import { bornRecord, fold, type KeptRun } from "./kept-run.ts";
import { type OpFrameDeps, opFrame } from "./op-frame.ts";
import type { Posted } from "./posted.ts";
import { type Prepared, prepareChild, prepareRun } from "./prepare-run.ts";
import { runOp } from "./run-op.ts";
import { type Decided, type Instants, isTaken, type RunOp } from "./run-op.types.ts";
import { INSTANT, type RunnerKind } from "./runner-kind.ts";

export interface KeeperDeps
  extends Omit<AfterCommitDeps, "worker" | "post" | "canceledEvent">,
    OpFrameDeps {
  readonly submit: (unit: Unit) => Promise<UnitOutcome>;
  readonly definitions: DefinitionSource;
  readonly load: (runId: string) => Promise<StoredRun | undefined>;
  /** Resolves when this process has a session again, after the last one was ended. */
  readonly session: () => Promise<void>;
  readonly worker: AfterCommitDeps["worker"] & {
    reserve(runner: RunnerKind, isInstant: boolean): boolean;
    release(runner: RunnerKind): void;
    carryOutInstantly(assignment: Assignment): AttemptEnded;
  };
  readonly now: () => number;
  readonly random: () => number;
  /** Largest input of a run, as JSON text. */
  readonly maxInputBytes: number;
}

interface Letter {
  readonly event: RunEvent;
  /** The end of an attempt that was never leased. */
  readonly waited?: boolean;
  readonly resolve: (posted: Posted) => void;
  readonly reject: (error: unknown) => void;
}

interface Mailbox {
  letters: Letter[];
  working: boolean;
  run: KeptRun | undefined;
}

/** Live runs kept in memory beyond those with work at hand; the rest is folded again when an event comes. */
const MAX_KEPT = 20_000;

/**
 * The one way to change a run. Each run has a mailbox here; its letters are applied in order, by the interpreter,
 * to the state that this process keeps, and committed as one advance guarded by the version. Where another process
 * was faster the run is folded anew and decided again; so any process may advance any run.
 */
export function createKeeper(deps: KeeperDeps) {
  const boxes = new Map<string, Mailbox>();
  /** Children whose birth is under way: a sweep may find them unborn still. */
  const births = new Set<string>();
  const { carryOut } = createAfterCommit({ ...deps, post, canceledEvent });

  async function commit(unit: CommitUnit): Promise<CommitOutcome> {
    const prepared = unit.runs as readonly Prepared[];
    for (;;) {
      const births = prepared.map((each) => birthOf(deps, each));
      const outcome = await submitted({ ...partOf(unit), ops: births.map(({ op }) => op) });
      if (outcome === "done") {
        for (const [i, each] of prepared.entries()) {
          const birth = births[i] as Birth;
          settleBirth(each.run, birth);
          each.born = bornRecord(each.run, birth.op);
        }
        return "done";
      }
      if (outcome !== "ended" && outcome !== "conflict") return outcome;
      await deps.session();
    }
  }

  function settleBirth(run: KeptRun, { op, decided, instants }: Birth): void {
    run.version = 1;
    run.state = decided.state;
    run.instants = instants;
    keep(run, op);
    carryOut(run, decided, op);
  }

  /** A letter may have come before this answer: its mailbox works already, from the store, and must stay the only one. */
  function keep(run: KeptRun, op: RunOp): void {
    if (op.finish === undefined && !boxes.has(run.id))
      boxes.set(run.id, { letters: [], working: false, run });
    evict();
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

  function post(runId: string, event: RunEvent): Promise<Posted> {
    return new Promise((resolve, reject) => {
      const box = boxes.get(runId) ?? { letters: [], working: false, run: undefined };
      boxes.set(runId, box);
      evict();
      box.letters.push({ event, resolve, reject });
      if (!box.working) void work(runId, box);
    });
  }

  const instants = createInstantBatch({
    ...deps,
    isKept: (runId) => boxes.has(runId),
    submit: submitted,
    settle,
    post: ({ run, event }) =>
      new Promise((resolve, reject) => {
        const box = boxes.get(run.id) ?? { letters: [], working: false, run };
        boxes.set(run.id, box);
        evict();
        box.letters.push({ event, waited: true, resolve, reject });
        if (!box.working) void work(run.id, box);
      }),
  });

  function settle(run: KeptRun, decided: Decided, op: RunOp, instants: Instants): void {
    run.state = decided.state;
    run.version++;
    run.instants = instants;
    keep(run, op);
    carryOut(run, decided, op);
  }

  async function work(runId: string, box: Mailbox): Promise<void> {
    box.working = true;
    while (box.letters.length > 0) {
      // The end of an instant may be on its way: a second advance on the same version would only break the flush.
      const recording = instants.recording(runId);
      if (recording !== undefined) await recording;
      const letters = takeLetters(box);
      try {
        await deliver(runId, box, letters);
      } catch (error) {
        box.run = undefined;
        for (const letter of letters) letter.reject(error);
      }
    }
    box.working = false;
    if (box.run === undefined) boxes.delete(runId);
  }

  /** Everything that waits, but a cancel comes alone (see `advance`). */
  function takeLetters(box: Mailbox): Letter[] {
    const at = box.letters.findIndex((letter) => letter.event.type === "cancel_requested");
    const count = at < 0 ? box.letters.length : Math.max(at, 1);
    return box.letters.splice(0, count);
  }

  async function deliver(runId: string, box: Mailbox, given: readonly Letter[]): Promise<void> {
    let letters = given;
    for (;;) {
      const fresh = box.run === undefined;
      box.run ??= await load(runId);
      if (box.run === undefined) {
        for (const letter of letters) letter.resolve("gone");
        return;
      }
      const outcome = await deliverTo(box.run, letters, fresh);
      if (outcome === "delivered") {
        if (box.run.state.phase === "ended") box.run = undefined;
        return;
      }
      box.run = undefined;
      if (outcome === "stale") continue;
      letters = letters.map((letter) => ({ ...letter, event: lostWithSession(letter.event) }));
      await deps.session();
    }
  }

  async function deliverTo(
    run: KeptRun,
    letters: readonly Letter[],
    fresh: boolean,
  ): Promise<"delivered" | "stale" | "ended"> {
    const events = letters.map((letter) => letter.event);
    const advanced = advance(run.workflow, run.state, events);
    // What seems late to a kept state may be news to the stored one.
    if (!fresh && advanced.verdicts.includes("late")) return "stale";
    const applied = events.filter((_, i) => advanced.verdicts[i] === "applied");
    if (applied.length > 0) {
      const at = new Date(applied.at(-1)?.at ?? deps.now());
      const frame = opFrame(deps, run, at);
      const decided = { events: applied, state: advanced.state, effects: advanced.effects };
      const waited = new Set(letters.flatMap(({ event, waited }) => (waited ? [event] : [])));
      const { op, instants } = runOp(frame, decided, run.instants, deps.worker.reserve, waited);
      const outcome = await submitted({ ops: [op] });
      if (outcome !== "done") return outcome === "ended" ? "ended" : "stale";
      run.state = advanced.state;
      run.version++;
      run.instants = instants;
      carryOut(run, decided, op);
    }
    for (const [i, letter] of letters.entries()) letter.resolve(advanced.verdicts[i] as Posted);
    return "delivered";
  }

  /** Writes the birth of a run that is a step of another; where it is born already, or withdrawn, nothing happens. */
  async function startChild(child: ChildRow): Promise<void> {
    // Who lists it as unborn may have looked before its birth: a second one would meet an advance of it in one flush.
    if (births.has(child.childId) || boxes.has(child.childId)) return;
    births.add(child.childId);
    try {
      await giveBirth(child);
    } finally {
      births.delete(child.childId);
    }
  }

  async function giveBirth(child: ChildRow): Promise<void> {
    const workflow = await deps.definitions.pinned(child.ref, child.packDigest);
    const prepared = prepareChild(deps, child, workflow);
    for (;;) {
      const birth = birthOf(deps, prepared);
      const outcome = await submitted({ ops: [birth.op] });
      if (outcome === "done") return settleBirth(prepared.run, birth);
      if (outcome !== "ended") return;
      await deps.session();
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

  async function load(runId: string): Promise<KeptRun | undefined> {
    const stored = await deps.load(runId);
    if (stored === undefined) return undefined;
    return fold(runId, stored, await deps.definitions.pinned(stored.ref, stored.packDigest));
  }

  function evict(): void {
    if (boxes.size <= MAX_KEPT) return;
    for (const [id, box] of boxes) {
      if (!box.working && box.letters.length === 0) boxes.delete(id);
      if (boxes.size <= MAX_KEPT * 0.9) return;
    }
  }

  return {
    prepare: (request: RunRequest): PreparedRun => prepareRun(deps, request),
    commit,
    startChild,
    post,
    postInstants: instants.carryOutAll,
    canceledEvent,
    /** Whether this process keeps the live run, and so hears of its end here if it ends here. */
    keeps: (runId: string): boolean => boxes.has(runId),
    /** Resolves when no mailbox has work. */
    async idle(): Promise<void> {
      while ([...boxes.values()].some((box) => box.working))
        await new Promise((next) => setImmediate(next));
    },
    /** Drops everything kept: after a lost session others may have advanced it. */
    forget(): void {
      for (const [id, box] of boxes) {
        if (box.working) continue;
        boxes.delete(id);
      }
    },
  };
}

export type Keeper = ReturnType<typeof createKeeper>;

/** The session was ended before the result was durable: a failure may be the work of who ended it. */
function lostWithSession(event: RunEvent): RunEvent {
  if (event.type !== "attempt_ended" || event.status === "success") return event;
  const { error: _, ...rest } = event;
  return { ...rest, status: "lost" };
}

/** What a row that this process has taken takes a place of. */
function placeOf(runner: string): RunnerKind {
  return runner === INSTANT ? "core" : (runner as RunnerKind);
}

function partOf(unit: CommitUnit): Omit<Unit, "ops"> {
  const { part, announce, bytes } = unit;
  return {
    ...(part === undefined ? {} : { part: part as unknown as NonNullable<Unit["part"]> }),
    ...(announce === undefined ? {} : { announce }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}

import { type Advanced, advance, type RunEvent } from "@yardmaster/kernel";
import type {
  CommitOutcome,
  CommitUnit,
  DefinitionSource,
  PreparedRun,
  RunRecord,
  RunRequest,
} from "./engine.types.ts";
import type { Unit, UnitOutcome } from "./flush.ts";
import type { StoredRun } from "./keeper.store.ts";
import { endedRecord, fold, type KeptRun, usesLanes } from "./kept-run.ts";
import type { OnPoint } from "./points.ts";
import { type Prepared, prepareRun } from "./prepare-run.ts";
import { type RunOp, runOp } from "./run-op.ts";
import type { Assignment, RunnerKind } from "./worker.ts";

export interface KeeperDeps {
  readonly submit: (unit: Unit) => Promise<UnitOutcome>;
  readonly definitions: DefinitionSource;
  readonly load: (runId: string) => Promise<StoredRun | undefined>;
  readonly stoppedUnleased: (runId: string) => Promise<{ slot: string; number: number }[]>;
  /** Resolves when this process has a session again, after the last one was ended. */
  readonly session: () => Promise<void>;
  readonly worker: {
    reserve(runner: RunnerKind): boolean;
    release(runner: RunnerKind): void;
    accept(assignment: Assignment): void;
    stop(runId: string, slot: string, number: number): void;
    backlog(runner: RunnerKind, queue: string): void;
  };
  /** An attempt in a lane ended, or a run left the head of a line: others may be admitted. */
  readonly onLaneFreed: () => void;
  readonly onDue: (delayMs: number) => void;
  readonly onEnd: (record: RunRecord) => void;
  readonly onPoint?: OnPoint | undefined;
  readonly now: () => number;
  readonly random: () => number;
  readonly newId: () => string;
}

/** What became of an event: `gone` when the run has ended or never was. */
export type Posted = "applied" | "late" | "gone";

interface Letter {
  readonly event: RunEvent;
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

  async function commit(unit: CommitUnit): Promise<CommitOutcome> {
    const prepared = unit.runs as readonly Prepared[];
    for (;;) {
      const ops = prepared.map(({ run, advanced }) => birth(run, advanced));
      const outcome = await submitted({ ...partOf(unit), ops });
      if (outcome === "done") {
        for (const [i, { run, advanced }] of prepared.entries())
          settleBirth(run, advanced, ops[i] as RunOp);
        return "done";
      }
      if (outcome !== "ended" && outcome !== "conflict") return outcome;
      await deps.session();
    }
  }

  function birth(run: KeptRun, advanced: Advanced): RunOp {
    const create = {
      ref: run.ref,
      packDigest: run.packDigest,
      input: JSON.stringify(run.state.input),
      createdAt: run.createdAt,
      createdBy: run.createdBy,
      eventId: run.eventId,
      rule: run.rule,
      traceparent: run.traceparent,
    };
    const frame = {
      opId: deps.newId(),
      runId: run.id,
      expected: 0,
      create,
      keyed: run.keyed,
      at: run.createdAt,
    };
    return runOp(frame, [], advanced, deps.worker.reserve);
  }

  function settleBirth(run: KeptRun, advanced: Advanced, op: RunOp): void {
    run.version = 1;
    // A letter may have come before this answer: its mailbox works already, from the store, and must stay the only one.
    if (op.finish === undefined && !boxes.has(run.id))
      boxes.set(run.id, { letters: [], working: false, run });
    evict();
    carryOut(run, advanced, op);
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
      for (const row of op.dispatch)
        if (row.state === "leased") deps.worker.release(row.runner as RunnerKind);
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

  async function work(runId: string, box: Mailbox): Promise<void> {
    box.working = true;
    while (box.letters.length > 0) {
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
      const frame = {
        opId: deps.newId(),
        runId: run.id,
        expected: run.version,
        keyed: run.keyed,
        at,
      };
      const op = runOp(frame, applied, advanced, deps.worker.reserve);
      const outcome = await submitted({ ops: [op] });
      if (outcome !== "done") return outcome === "ended" ? "ended" : "stale";
      run.state = advanced.state;
      run.version++;
      carryOut(run, advanced, op);
    }
    for (const [i, letter] of letters.entries()) letter.resolve(advanced.verdicts[i] as Posted);
    return "delivered";
  }

  /** What follows once the op is durable. Nothing here is needed for it to happen: a restart would find it all. */
  function carryOut(run: KeptRun, advanced: Advanced, op: RunOp): void {
    deps.onPoint?.(op.stops.length > 0 ? "stop.committed" : "advance.committed");
    let nth = 0;
    for (const effect of advanced.effects) {
      if (effect.type === "dispatch") {
        const row = op.dispatch[nth++];
        if (row?.state === "leased") deps.worker.accept(assignment(run, effect, deps.now()));
        else if (row?.state === "ready") deps.worker.backlog(row.runner as RunnerKind, row.queue);
        else deps.onDue(effect.delayMs);
      } else if (effect.type === "start_timer") deps.onDue(effect.delayMs);
      else if (effect.type === "stop") deps.worker.stop(run.id, effect.slot, effect.number);
      else deps.onEnd(endedRecord(run, op.at));
    }
    if (usesLanes(run.workflow) && (op.ended.length > 0 || op.finish !== undefined))
      deps.onLaneFreed();
    if (op.stops.length > 0 && op.finish === undefined) void endUnleased(run.id);
  }

  /** Attempts that no worker had when they were stopped end here; should this process die first, recovery does it. */
  async function endUnleased(runId: string): Promise<void> {
    const attempts = await deps.stoppedUnleased(runId).catch(() => []);
    await Promise.all(
      attempts.map(({ slot, number }) =>
        post(runId, canceledEvent(slot, number)).catch(() => undefined),
      ),
    );
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
    post,
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

function assignment(
  run: KeptRun,
  effect: Extract<Advanced["effects"][number], { type: "dispatch" }>,
  leasedAt: number,
): Assignment {
  const { slot, number, step, input } = effect;
  return { runId: run.id, slot, number, step, input, traceparent: run.traceparent, leasedAt };
}

/** The session was ended before the result was durable: a failure may be the work of who ended it. */
function lostWithSession(event: RunEvent): RunEvent {
  if (event.type !== "attempt_ended" || event.status === "success") return event;
  const { error: _, ...rest } = event;
  return { ...rest, status: "lost" };
}

function partOf(unit: CommitUnit): Omit<Unit, "ops"> {
  const { part, announce, bytes } = unit;
  return {
    ...(part === undefined ? {} : { part: part as unknown as NonNullable<Unit["part"]> }),
    ...(announce === undefined ? {} : { announce }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}

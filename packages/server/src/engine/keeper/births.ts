import type { ChildRow } from "../children/children.store.ts";
import type { Unit, UnitOutcome } from "../commit/flush.ts";
import type { Decided, Instants, RunOp } from "../commit/run-op.types.ts";
import type { CommitOutcome, CommitUnit } from "../engine.types.ts";
import { type Birth, type BirthDeps, birthOf } from "./birth.ts";
import { bornRecord, type KeptRun } from "./kept-run.ts";
import { type PrepareDeps, type Prepared, prepareChild } from "./prepare-run.ts";

export interface BirthsDeps extends BirthDeps, PrepareDeps {
  readonly submit: (unit: Unit) => Promise<UnitOutcome>;
  /** Resolves when this process has a session again, after the last one was ended. */
  readonly livingSession: () => Promise<void>;
  /** Whether this process keeps the run: it is born. */
  readonly isKept: (runId: string) => boolean;
  /** What follows once an op is durable. */
  readonly settle: (run: KeptRun, decided: Decided, op: RunOp, instants: Instants) => void;
}

/** Writes runs for the first time: those that somebody asks for, and those that are steps of others. */
export function createBirths(deps: BirthsDeps) {
  /** Children whose birth is under way: a sweep may find them unborn still. Resolves when it is decided; never rejects. */
  const underWay = new Map<string, Promise<unknown>>();

  async function commit(unit: CommitUnit): Promise<CommitOutcome> {
    const prepared = unit.runs as readonly Prepared[];
    for (;;) {
      const births = prepared.map((each) => birthOf(deps, each));
      const outcome = await deps.submit({ ...partOf(unit), ops: births.map(({ op }) => op) });
      if (outcome === "done") {
        for (const [i, each] of prepared.entries()) {
          const birth = births[i] as Birth;
          settle(each.run, birth);
          each.born = bornRecord(each.run, birth.op);
        }
        return "done";
      }
      if (outcome !== "ended" && outcome !== "conflict") return outcome;
      await deps.livingSession();
    }
  }

  /** Where it is born already, or withdrawn, nothing happens. */
  async function startChild(child: ChildRow): Promise<void> {
    const { childId } = child;
    // Who lists it as unborn may have looked before its birth: a second one would meet an advance of it in one flush.
    if (underWay.has(childId) || deps.isKept(childId)) return;
    const birth = giveBirth(child).finally(() => underWay.delete(childId));
    underWay.set(
      childId,
      birth.catch(() => undefined),
    );
    await birth;
  }

  async function giveBirth(child: ChildRow): Promise<void> {
    const workflow = await deps.definitions.pinned(child.ref, child.packDigest);
    const prepared = prepareChild(child, workflow);
    for (;;) {
      const birth = birthOf(deps, prepared);
      const outcome = await deps.submit({ ops: [birth.op] });
      if (outcome === "done") return settle(prepared.run, birth);
      if (outcome !== "ended") return;
      await deps.livingSession();
    }
  }

  function settle(run: KeptRun, { op, decided, instants }: Birth): void {
    deps.settle(run, decided, op, instants);
  }

  return {
    commit,
    startChild,
    /** While its birth is under way here: another process may have been faster, and gone on with it. */
    underWay: (childId: string): Promise<unknown> | undefined => underWay.get(childId),
  };
}

function partOf(unit: CommitUnit): Omit<Unit, "ops"> {
  const { part, also, announce, bytes } = unit;
  return {
    ...(part === undefined ? {} : { part: part as unknown as NonNullable<Unit["part"]> }),
    ...(also === undefined ? {} : { also: also as unknown as NonNullable<Unit["also"]> }),
    ...(announce === undefined ? {} : { announce }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}

import {
  type AttemptEnded,
  advance,
  boundResults,
  type RunEvent,
  stepOfSlot,
  type WorkflowDefinition,
} from "@yardmaster/kernel";
import type { Unit, UnitOutcome } from "../commit/flush.ts";
import { type OpFrameDeps, opFrame } from "../commit/op-frame.ts";
import { runOp } from "../commit/run-op.ts";
import type { Decided, Instants, Reserve, RunOp } from "../commit/run-op.types.ts";
import type { DefinitionSource } from "../engine.types.ts";
import { fold, type KeptRun } from "../keeper/kept-run.ts";
import type { Posted } from "../keeper/posted.ts";
import type { Assignment } from "../worker/assignment.ts";
import { INSTANT } from "../worker/runner-kind.ts";
import type { ReadyInstant } from "./instant-backlog.store.ts";

/** An instant attempt that waited and has been carried out. */
export interface CarriedInstant {
  readonly runId: string;
  readonly event: AttemptEnded;
  /** As it came along; undefined where a mailbox has it. */
  readonly run: KeptRun | undefined;
}

export interface InstantBatchDeps extends OpFrameDeps {
  readonly definitions: DefinitionSource;
  readonly worker: {
    readonly reserve: Reserve;
    carryOutInstantly(assignment: Assignment): AttemptEnded;
  };
  readonly now: () => number;
  /** Whether this process has the run in a mailbox, which may know better. */
  readonly isKept: (runId: string) => boolean;
  /** Delivers one by its mailbox. */
  readonly post: (carried: CarriedInstant) => Promise<Posted>;
  readonly submit: (unit: Unit) => Promise<UnitOutcome>;
  /** What follows once an op is durable. */
  readonly settle: (run: KeptRun, decided: Decided, op: RunOp, instants: Instants) => void;
}

interface Decision extends CarriedInstant {
  readonly run: KeptRun;
  readonly decided: Decided;
  readonly op: RunOp;
  readonly instants: Instants;
}

/**
 * Carries out instant attempts that waited, and hands their ends to the commit queue together: a backlog costs one
 * promise a run instead of several. A run that has moved on meanwhile, or cannot be written, goes by its mailbox.
 */
export function createInstantBatch(deps: InstantBatchDeps) {
  /** Runs with an end under way: their rows may be read once more before it is durable. */
  const underWay = new Set<string>();
  /** Until it is known whether the end is durable. */
  const recordings = new Map<string, Promise<unknown>>();

  /**
   * Resolves with how many of them are recorded. What cannot be carried out is left as it is and holds up nothing beside
   * it. @throws the first error of those, when the others are recorded.
   */
  async function carryOutAll(batch: readonly ReadyInstant[]): Promise<number> {
    const failures: unknown[] = [];
    const fresh = batch.filter(({ runId }) => !underWay.has(runId));
    const workflows = await workflowsOf(fresh, failures);
    const runs = new Map<string, KeptRun | undefined>();
    const decisions: Decision[] = [];
    const others: CarriedInstant[] = [];
    for (const ready of fresh) {
      const workflow = workflows.get(nameOf(ready));
      if (workflow === undefined) continue;
      tryTo(() => {
        const event = carryOutOne(ready, workflow);
        if (event === undefined) return;
        const { runId } = ready;
        // What a mailbox has is not folded again: of a run with thousands of items it took longer than all else.
        if (!runs.has(runId))
          runs.set(runId, deps.isKept(runId) ? undefined : fold(runId, ready.stored, workflow));
        const run = runs.get(runId);
        // A unit has one advance of each run; what a run has beside it follows by its mailbox.
        if (run === undefined || underWay.has(runId)) others.push({ runId, event, run });
        else decisions.push(decide(run, event));
        underWay.add(runId);
      }, failures);
    }
    let recorded = 0;
    try {
      recorded = (await record(decisions)) + (await postAll(others));
    } finally {
      for (const runId of runs.keys()) underWay.delete(runId);
    }
    if (failures.length > 0) throw failures[0];
    return recorded;
  }

  /** Those that can be had. */
  async function workflowsOf(
    batch: readonly ReadyInstant[],
    failures: unknown[],
  ): Promise<ReadonlyMap<string, WorkflowDefinition>> {
    const workflows = new Map<string, WorkflowDefinition>();
    const pins = new Map(batch.map((ready) => [nameOf(ready), ready.stored]));
    for (const [name, { ref, packDigest }] of pins) {
      try {
        workflows.set(name, await deps.definitions.pinned(ref, packDigest));
      } catch (error) {
        failures.push(error);
      }
    }
    return workflows;
  }

  function carryOutOne(
    { runId, slot, number, input, stored }: ReadyInstant,
    workflow: WorkflowDefinition,
  ): AttemptEnded | undefined {
    const step = stepOfSlot(workflow, slot);
    if (step === undefined) throw new Error(`run ${runId} has no step "${slot}" (k4i8)`);
    if (!deps.worker.reserve(INSTANT)) return undefined;
    const { traceparent } = stored;
    const leasedAt = deps.now();
    return deps.worker.carryOutInstantly({
      ...{ runId, slot, number, step, input, traceparent, leasedAt },
    });
  }

  function decide(run: KeptRun, given: AttemptEnded): Decision {
    const [event = given] = boundResults(run.state, [given]) as readonly AttemptEnded[];
    const { state, effects } = advance(run.workflow, run.state, [event]);
    const decided = { events: [event], state, effects };
    const waited = new Set<RunEvent>([event]);
    return {
      ...{ runId: run.id, run, event, decided },
      ...runOp(
        opFrame(deps, run, new Date(event.at)),
        decided,
        run.instants,
        deps.worker.reserve,
        waited,
      ),
    };
  }

  async function record(decisions: readonly Decision[]): Promise<number> {
    const recorded = await Promise.all(decisions.map(recordOne));
    return recorded.reduce((sum, count) => sum + count, 0);
  }

  /** A unit for each: what one of them begins is begun when it is durable, whatever becomes of its neighbours. */
  async function recordOne(decision: Decision): Promise<number> {
    const { run, decided, op, instants } = decision;
    const recording = deps.submit({ ops: [op] }).catch(() => "conflict");
    recordings.set(run.id, recording);
    const outcome = await recording;
    recordings.delete(run.id);
    if (outcome === "ended") return 0;
    if (outcome !== "done") return await postAll([decision]);
    deps.settle(run, decided, op, instants);
    return 1;
  }

  async function postAll(carried: readonly CarriedInstant[]): Promise<number> {
    const posted = await Promise.all(carried.map((one) => deps.post(one).catch(() => "gone")));
    return posted.filter((one) => one === "applied").length;
  }

  return {
    carryOutAll,
    /** The end of an instant of the run that is being written, while it is. */
    recording: (runId: string): Promise<unknown> | undefined => recordings.get(runId),
  };
}

function nameOf({ stored }: ReadyInstant): string {
  return `${stored.ref} ${stored.packDigest}`;
}

function tryTo(act: () => void, failures: unknown[]): void {
  try {
    act();
  } catch (error) {
    failures.push(error);
  }
}

import {
  ABANDONED,
  type Abandoned,
  compileValidator,
  type Effect,
  type RunEvent,
  type RunState,
  type WorkflowDefinition,
} from "@yardmaster/kernel";
import type { WorkError } from "@yardmaster/protocol";
import type { Unit, UnitOutcome } from "../commit/flush.ts";
import { type OpFrameDeps, opFrame } from "../commit/op-frame.ts";
import { runOp } from "../commit/run-op.ts";
import type { Decided, Instants, RunOp } from "../commit/run-op.types.ts";
import type { StoredRun } from "../keeper/keeper.store.ts";
import type { KeptRun } from "../keeper/kept-run.ts";
import type { Posted } from "../keeper/posted.ts";
import type { AskedCancelStore, OpenRows } from "./asked-cancels.store.ts";

export interface AbandonDeps extends OpFrameDeps {
  readonly load: (runId: string) => Promise<StoredRun | undefined>;
  readonly asked: Pick<AskedCancelStore, "withdrawUnborn" | "openRows" | "dropLeases">;
  readonly submit: (unit: Unit) => Promise<UnitOutcome>;
  readonly livingSession: () => Promise<void>;
  readonly settle: (run: KeptRun, decided: Decided, op: RunOp, instants: Instants) => void;
  readonly worker: { stop(runId: string, slot: string, number: number): void };
  readonly onLaneFreed: () => void;
}

/**
 * Ends a run without its definition: what is open of it is known by its rows. Guarded by the version like every
 * advance, and by the wish for its cancel, which the advance that cancels it in order takes away: so that whoever has
 * the definition comes first.
 */
export function createAbandon(deps: AbandonDeps) {
  return async function abandon(runId: string, event: Abandoned): Promise<Posted> {
    for (;;) {
      const stored = await deps.load(runId);
      if (stored === undefined) return "gone";
      await deps.asked.withdrawUnborn(runId);
      const open = await deps.asked.openRows(runId);
      // It is told of the end of its steps, and nobody would stop them when it is gone.
      if (!open.isAsked || open.children.some(({ isLive }) => isLive)) return "late";
      const run = runWithoutDefinition(runId, stored, event);
      const decided = { events: eventsOf(open, event), state: run.state, effects: effectsOf(open) };
      const frame = { ...opFrame(deps, run, new Date(event.at)), keyed: true };
      const { op, instants } = runOp(frame, decided, undefined, () => false);
      const outcome = await deps.submit({ ops: [op] });
      if (outcome === "ended") await deps.livingSession();
      if (outcome !== "done") continue;
      deps.settle(run, decided, op, instants);
      await deps.asked.dropLeases(runId);
      for (const { slot, number } of open.attempts) deps.worker.stop(runId, slot, number);
      deps.onLaneFreed();
      return "applied";
    }
  };
}

const GIVEN_UP: WorkError = {
  code: "canceled",
  message: "canceled with its run, whose definition was not there any more",
};

function eventsOf({ attempts, children }: OpenRows, event: Abandoned): RunEvent[] {
  const { at } = event;
  const drawn = { at, random: 0 };
  return [
    ...attempts.map(
      ({ slot, number, worker, leasedAtMs }): RunEvent => ({
        ...{ type: "attempt_ended", slot, number, status: "canceled", error: GIVEN_UP, ...drawn },
        ...(worker === null ? {} : { worker }),
        ...(leasedAtMs === null ? {} : { startedAt: leasedAtMs }),
      }),
    ),
    ...children.map(
      ({ slot, number, run, status, output, error }): RunEvent => ({
        ...{ type: "child_ended", slot, number, run, ...drawn },
        ...(status === null ? { status: "canceled", error: GIVEN_UP } : { status }),
        ...(status === "success" ? { output } : {}),
        ...(error === null ? {} : { error }),
      }),
    ),
    event,
  ];
}

function effectsOf({ timers, inquiries }: OpenRows): Effect[] {
  return [
    ...timers.map(({ slot, number }): Effect => ({ type: "stop", slot, number })),
    ...inquiries.map(
      ({ slot, number }): Effect => ({ type: "settle_inquiry", slot, number, status: "canceled" }),
    ),
    { type: "finish", status: "canceled", outputs: {}, error: ABANDONED },
  ];
}

const NOTHING_KNOWN: WorkflowDefinition = {
  ref: "",
  kind: "workflow",
  input: compileValidator(true),
  steps: [],
};

function runWithoutDefinition(id: string, stored: StoredRun, { by }: Abandoned): KeptRun {
  const { ref, input, createdAt, version } = stored;
  const { packDigest, createdBy, eventId, rule, retryOf, traceparent, parent } = stored;
  const state: RunState = {
    facts: { id, ref, created_at: createdAt.toISOString() },
    ...{ input, phase: "ended", section: "steps", steps: {}, left: 0, views: {}, vars: {} },
    resultBytes: 0,
    ...{ timed: false, undoable: [], unclean: [], canceledBy: by },
    ...{ outcome: "canceled", status: "canceled", error: ABANDONED },
  };
  return {
    ...{ id, ref, packDigest, createdAt, createdBy, eventId, rule, retryOf, traceparent, parent },
    ...{ workflow: NOTHING_KNOWN, keyed: true, state, version, instants: undefined },
  };
}

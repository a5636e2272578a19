import {
  MAX_LOSSES_IN_ROW,
  pauseMs,
  type RunState,
  type WorkflowDefinition,
} from "@yardmaster/kernel";
import type { StoredRun } from "../../src/engine/keeper/keeper.store.ts";
import { fold } from "../../src/engine/keeper/kept-run.ts";
import { rowKey } from "../model/index.ts";

export interface TriesCheckDeps {
  readonly breach: (what: string) => void;
  readonly wasGivenBack: (key: string) => boolean;
}

/**
 * A step gives up only when its tries are used up, and lost ones and waits for a limit are none: unless the run starts nothing any more, or
 * three were lost in a row. `ended` is the status that the run is known to have ended with.
 */
export function checkTries(
  { breach, wasGivenBack }: TriesCheckDeps,
  run: { readonly id: string; readonly stored: StoredRun; readonly ended: string | undefined },
  workflow: WorkflowDefinition,
): void {
  const { id: runId, ended } = run;
  const { state } = fold(runId, run.stored, workflow);
  if (ended !== undefined && (state.phase !== "ended" || state.status !== ended))
    breach(`run ${runId} ended as ${ended} and folds to ${state.phase} ${state.status}`);
  for (const step of workflow.steps) {
    const stays = state.status === "success" || isOnlyFailure(step.id, workflow, state);
    for (const slot of stays ? (state.steps[step.id]?.slots ?? []) : []) {
      if (slot.phase !== "failed" && slot.phase !== "timed_out") continue;
      const losses = slot.attempts.filter(({ status }) => status === "lost");
      const waits = slot.attempts.filter(({ error }) => pauseMs(error) !== undefined);
      const tried = slot.attempts.length - losses.length - waits.length;
      const key = step.forEach === undefined ? step.id : `${step.id}#0`;
      const lost = losses.filter(({ number }) => !wasGivenBack(rowKey(runId, key, number))).length;
      // Or a person has decided that it failed.
      const isGivenUp = lost >= MAX_LOSSES_IN_ROW || step.action.asksOnLost === true;
      if (slot.error?.code === "worker_lost" && isGivenUp) continue;
      if (tried !== step.retry.attempts)
        breach(`${runId}/${step.id} gave up after ${tried} of ${step.retry.attempts} tries`);
    }
  }
}

/** Whether no other step can have stopped the run from starting more. */
function isOnlyFailure(id: string, workflow: WorkflowDefinition, state: RunState): boolean {
  if (state.status !== "failed" && state.status !== "timed_out") return false;
  // A workflow is timed out by its own time, which stops whatever is open.
  if (state.status === "timed_out" && workflow.kind === "workflow") return false;
  const bad = workflow.steps.filter((step) => {
    const { phase, slots = [] } = state.steps[step.id] ?? {};
    // A child that was canceled by itself fails its parent; a step that was never begun is canceled by the failure.
    const wasCanceled = phase === "canceled" && slots.some(({ attempts }) => attempts.length > 0);
    return step.onError === "fail" && (phase === "failed" || phase === "timed_out" || wasCanceled);
  });
  return bad.length === 1 && bad[0]?.id === id && state.steps[id]?.slots.length === 1;
}

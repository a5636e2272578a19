import type { FinalStatus, WorkError } from "@yardmaster/protocol";
import { ACTION_STEP } from "../definitions/index.ts";
import type { Draft } from "./draft.ts";
import { TIMEOUT_SLOT } from "./slots/slot-key.ts";
import type { RunPhase, RunState, StepState, Unclean } from "./state.ts";
import { beginSection, closeSection, moveSteps } from "./steps/steps.ts";
import { moveUndo } from "./steps/undo.ts";

interface PhaseWork {
  /** Moves what can move. True when the phase's work is over. */
  readonly move: (draft: Draft) => boolean;
  /** Goes to the next phase. */
  readonly leave: (draft: Draft) => void;
}

/** What each phase does, and where it leads when that is done; `state.ts` says it in words. */
const WORK: { readonly [P in RunPhase]: PhaseWork } = {
  running: { move: moveSection, leave: succeed },
  failing: { move: moveSection, leave: fail },
  canceling: { move: moveSection, leave: leaveCanceling },
  timing_out: { move: moveSection, leave: timeOut },
  undoing: { move: moveUndo, leave: leaveUndoing },
  handling: { move: moveSection, leave: finalize },
  finalizing: { move: moveSection, leave: finish },
  ended: { move: () => false, leave: () => {} },
};

/** Moves a run as far as it goes without another event. */
export function settle(draft: Draft): void {
  while (WORK[draft.state.phase].move(draft)) WORK[draft.state.phase].leave(draft);
}

function moveSection(draft: Draft): boolean {
  const wasRunning = draft.state.phase === "running";
  moveSteps(draft);
  if (wasRunning && draft.state.phase === "failing") {
    closeSection(draft);
    moveSteps(draft);
  }
  return draft.state.left === 0;
}

function succeed(draft: Draft): void {
  const output = draft.workflow.output?.render(draft.scope());
  if (output === undefined || output.ok) {
    draft.state.output = output?.value ?? null;
    decide(draft, "success", undefined);
    return finalize(draft);
  }
  const message = `output: ${output.error.message}`;
  conclude(draft, "failed", { code: "expression_failed", message });
}

/** A run of one action ends as its action did; a workflow fails, and its error names the step. */
function fail(draft: Draft): void {
  const { state, workflow } = draft;
  const step = workflow.kind === "action" ? (state.steps[ACTION_STEP] as StepState) : undefined;
  conclude(
    draft,
    step?.phase === "timed_out" ? "timed_out" : "failed",
    step?.error ?? (state.error as WorkError),
  );
}

function timeOut(draft: Draft): void {
  const message = `the run did not end within its ${(draft.workflow.timeoutMs ?? 0) / 1000} s`;
  conclude(draft, "timed_out", { code: "timed_out", message });
}

export const CANCELED: WorkError = { code: "canceled", message: "the run was canceled" };

function leaveCanceling(draft: Draft): void {
  if (draft.state.section === "steps") conclude(draft, "canceled", CANCELED);
  else finalize(draft);
}

/** How the run ends is decided, and it is not a success: what was done is undone. */
function conclude(draft: Draft, outcome: FinalStatus, error: WorkError): void {
  decide(draft, outcome, error);
  draft.state.phase = "undoing";
}

/** The run's own time counts to here: cleanup is bounded by the timeouts of its steps. */
export function decide(draft: Draft, outcome: FinalStatus, error: WorkError | undefined): void {
  draft.state.outcome = outcome;
  if (error === undefined) delete draft.state.error;
  else draft.state.error = error;
  stopClock(draft);
}

/** Withdraws the timer of the run's own time: one that came due for nobody would stand there for ever. */
export function stopClock(draft: Draft): void {
  if (!draft.state.timed) return;
  draft.state.timed = false;
  draft.effects.push({ type: "stop", slot: TIMEOUT_SLOT, number: 1 });
}

function leaveUndoing(draft: Draft): void {
  if (draft.state.outcome === "canceled") return finalize(draft);
  draft.state.phase = "handling";
  beginSection(draft, "on_failure");
}

function finalize(draft: Draft): void {
  draft.state.phase = "finalizing";
  beginSection(draft, "finally");
}

export function finish(draft: Draft): void {
  const { state } = draft;
  const [status, error] = ending(state);
  state.phase = "ended";
  state.status = status;
  state.outcome = status;
  if (status !== "success") delete state.output;
  if (error === undefined) delete state.error;
  else state.error = error;
  draft.effects.push({
    type: "finish",
    status,
    ...(state.output === undefined ? {} : { output: state.output }),
    outputs: state.vars,
    ...(error === undefined ? {} : { error }),
  });
}

/** What fails in the cleanup fails a run that would have succeeded; another's own error stays, and tells of it. */
function ending({
  outcome = "success",
  error,
  unclean,
}: RunState): [FinalStatus, WorkError | undefined] {
  const [first] = unclean;
  if (first === undefined) return [outcome, error];
  const details = { cleanup_failed: unclean.map(({ what }: Unclean) => what).join(", ") };
  const own = error ?? { ...first.error, message: `${first.what}: ${first.error.message}` };
  return [
    outcome === "success" ? "failed" : outcome,
    { ...own, details: { ...own.details, ...details } },
  ];
}

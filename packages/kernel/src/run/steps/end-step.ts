import type { FinalStatus, FinalStepStatus, WorkError } from "@yardmaster/protocol";
import { givesFiles, type StepDefinition } from "../../definitions/index.ts";
import type { Draft, StepDraft } from "../draft.ts";
import { stepView } from "../scope.ts";
import type { SlotState, StepState } from "../state.ts";

/** Ends a step whose slots are all final. */
export function finishIfDone(step: StepDefinition, draft: Draft, state: StepDraft): void {
  if (state.open > 0 || state.next < state.slots.length) return;
  if (step.forEach === undefined) finishPlain(step, draft, state);
  else finishItems(step, draft, state);
}

/** A repeat ends as its last round did. */
function finishPlain(step: StepDefinition, draft: Draft, state: StepDraft): void {
  const last = state.slots.at(-1) as SlotState;
  if (last.output !== undefined) state.output = last.output;
  if (last.files !== undefined) state.files = last.files;
  if (last.phase === "success") end(step, draft, state, "success");
  else endBadly(step, draft, state, last.error, last.phase as FinalStatus);
}

function finishItems(step: StepDefinition, draft: Draft, state: StepDraft): void {
  state.output = state.slots.map((slot) => slot.output ?? null);
  if (givesFiles(step.action)) state.files = state.slots.map((slot) => slot.files ?? []);
  const bad = state.slots.filter((slot) => slot.phase === "failed" || slot.phase === "timed_out");
  if (bad.length > 0) {
    const message = `${bad.length} of ${state.slots.length} items failed; the first: ${bad[0]?.error?.message ?? ""}`;
    return endBadly(step, draft, state, { code: "items_failed", message });
  }
  const canceled = state.slots.find((slot) => slot.phase === "canceled");
  if (canceled === undefined) end(step, draft, state, "success");
  else endBadly(step, draft, state, canceled.error, "canceled");
}

/** Ends a step that did not succeed, and does what the step says that this means. */
export function endBadly(
  step: StepDefinition,
  draft: Draft,
  state: StepDraft,
  error: WorkError | undefined,
  status: FinalStatus = "failed",
): void {
  if (error !== undefined) state.error = error;
  end(step, draft, state, status);
  if (step.onError === "continue") return;
  const cause = error ?? { code: "canceled", message: "canceled" };
  const { phase } = draft.state;
  if (phase === "handling" || phase === "finalizing") unclean(draft, `step "${step.id}"`, cause);
  else if (phase !== "running") return;
  else if (step.onError === "fail") failRun(step, draft, cause);
  else jump(step, draft);
}

/** From now on the run fails; what has not begun is canceled when the steps that move now have moved. */
function failRun(step: StepDefinition, draft: Draft, error: WorkError): void {
  draft.state.phase = "failing";
  draft.state.error = {
    ...error,
    message: `step "${step.id}": ${error.message}`,
    details: { ...error.details, step: step.id },
  };
}

/** A part of the cleanup failed: the rest of it goes on. */
export function unclean(draft: Draft, what: string, error: WorkError): void {
  draft.state.unclean = [...draft.state.unclean, { what, error }];
}

function jump(step: StepDefinition, draft: Draft): void {
  for (const id of draft.plan.passedBy.get(step.id) ?? []) {
    const passed = draft.plan.steps.get(id) as StepDefinition;
    if ((draft.state.steps[id] as StepState).phase === "pending")
      end(passed, draft, draft.touch(id), "skipped");
  }
}

export function end(
  step: StepDefinition,
  draft: Draft,
  state: StepDraft,
  phase: FinalStepStatus,
): void {
  state.phase = phase;
  state.endedAt = draft.at;
  draft.state.left--;
  draft.see(step.id, stepView(state));
  const { output } = state;
  if (step.saveAs !== undefined && output !== undefined && phase !== "canceled")
    draft.save(step.saveAs, output);
  draft.toMove.push(...(draft.plan.after.get(step.id) ?? []));
}

import type { StepDefinition, WorkflowDefinition } from "../../definitions/index.ts";
import { planOf } from "../plan.ts";
import type { RunState, SlotState, StepState } from "../state.ts";
import { reusableParts } from "./parts.ts";
import type { Reused, ReusedEnd, ReusedFailure } from "./reused.ts";

/** Of the lists that a Reused has beside its outputs. */
type Gathered<T> = { [step: string]: T };

/**
 * What a new try of an ended run may take over: steps that succeeded and were not undone, and failures that the run
 * went on with, where everything before them is taken over too or was skipped. With `from`, nothing of that step and of
 * what comes after it. Of a step that is done again, and before which nothing is, its items and rounds that succeeded.
 */
export function reusableOf(workflow: WorkflowDefinition, state: RunState, from?: string): Reused {
  const settled = new Set<string>();
  const outputs: Gathered<Reused["outputs"][string]> = {};
  const files: Gathered<NonNullable<Reused["files"]>[string]> = {};
  const failures: Gathered<ReusedFailure> = {};
  const parts: Gathered<NonNullable<Reused["parts"]>[string]> = {};
  for (const step of workflow.steps) {
    const own = state.steps[step.id];
    if (own === undefined || step.id === from) continue;
    if (!step.needs.every((id) => settled.has(id))) continue;
    const failure = failureOf(workflow, step, own, state);
    if (own.phase === "skipped") settled.add(step.id);
    else if (own.phase === "success" && !isUndone(own)) {
      settled.add(step.id);
      outputs[step.id] = own.output ?? null;
      if (own.files !== undefined) files[step.id] = own.files;
    } else if (failure !== undefined) {
      settled.add(step.id);
      failures[step.id] = failure;
    } else {
      const done = reusableParts(step, own);
      if (done !== undefined) parts[step.id] = done;
    }
  }
  return { outputs, ...filled({ files }), ...filled({ failures }), ...filled({ parts }) };
}

/** A list that has something, under its name. */
function filled<T extends object>(list: { readonly [name: string]: T }): object {
  return Object.values(list).every((of) => Object.keys(of).length === 0) ? {} : list;
}

function isUndone({ slots }: StepState): boolean {
  return slots.some(({ undo }) => undo !== undefined);
}

/**
 * How a step failed, where the workflow has an answer to that and the run had gone on with it: that is a result like
 * another. What fails beside a run that fails or is stopped is given no other try, so that it may be none.
 */
function failureOf(
  workflow: WorkflowDefinition,
  step: StepDefinition,
  own: StepState,
  state: RunState,
): ReusedFailure | undefined {
  const { phase: status, error, output, files, items, slots } = own;
  if (step.onError === "fail" || (status !== "failed" && status !== "timed_out")) return undefined;
  if (isUndone(own) || !wentOn(workflow, own, step.id, state)) return undefined;
  const ends = slots.map(endOf);
  if (items !== undefined && ends.includes(undefined)) return undefined;
  return {
    status,
    ...(error === undefined ? {} : { error }),
    ...(items === undefined
      ? { ...(output === undefined ? {} : { output }), ...(files === undefined ? {} : { files }) }
      : { items: ends as ReusedEnd[] }),
  };
}

function endOf({ phase: status, output, files, error }: SlotState): ReusedEnd | undefined {
  if (status !== "success" && status !== "failed" && status !== "timed_out") return undefined;
  return {
    status,
    ...(output === undefined ? {} : { output }),
    ...(files === undefined ? {} : { files }),
    ...(error === undefined ? {} : { error }),
  };
}

function wentOn(
  workflow: WorkflowDefinition,
  { endedAt = 0 }: StepState,
  id: string,
  { status, steps, error }: RunState,
): boolean {
  if (status === "success") return true;
  const next = planOf(workflow).after.get(id) ?? [];
  if (next.some((step) => steps[step.id]?.startedAt !== undefined)) return true;
  if (status !== "failed") return false;
  const failed = steps[String(error?.details?.["step"])];
  return failed === undefined || endedAt < (failed.endedAt ?? 0);
}

import {
  type FinalStatus,
  isFinal,
  type Json,
  type StepStatus,
  type WorkError,
} from "@yardmaster/protocol";
import { ACTION_STEP, type StepDefinition, type WorkflowDefinition } from "../definitions/index.ts";
import { type Draft, draftOf } from "./draft.ts";
import type { Effect } from "./effects.ts";
import type { AttemptEnded, RunEvent, TimerDue } from "./events.ts";
import { runScope } from "./scope.ts";
import { moveSlot, type SlotEvent } from "./slot.machine.ts";
import {
  parseSlotKey,
  type RunFacts,
  type RunPhase,
  type RunState,
  type SlotState,
  type StepState,
  slotKey,
} from "./state.ts";
import { settleSteps } from "./steps.ts";

/** Whether an event changed the run, or came too late: its attempt is no longer the slot's newest, or the run has ended. */
export type Verdict = "applied" | "late";

export interface Advanced {
  readonly state: RunState;
  readonly effects: readonly Effect[];
  /** One for each event, in their order. */
  readonly verdicts: readonly Verdict[];
}

/** The first state of a run with its first effects. `at` is Unix milliseconds; `input` fits the workflow's schema. */
export function begin(
  workflow: WorkflowDefinition,
  input: Json,
  facts: RunFacts,
  at: number,
): Advanced {
  const steps: { [id: string]: StepState } = {};
  for (const step of workflow.steps) steps[step.id] = { phase: "pending", slots: [] };
  const draft = draftOf({ facts, input, phase: "running", steps });
  settle(workflow, draft, at);
  return { state: draft.state, effects: draft.effects, verdicts: [] };
}

/**
 * The interpreter: what a run becomes when these events are recorded, and what is to be done about it.
 * Pure: the same definition, state and events give the same answer on every machine and in every build
 * that `yard verify` has passed. Events that are advanced together are settled together; a cancel comes alone,
 * so that no effect stops what an effect of the same advance starts.
 */
export function advance(
  workflow: WorkflowDefinition,
  state: RunState,
  events: readonly RunEvent[],
): Advanced {
  const draft = draftOf(state);
  const verdicts = events.map((event) => apply(workflow, draft, event));
  const at = events.at(-1)?.at;
  if (at !== undefined && verdicts.includes("applied")) settle(workflow, draft, at);
  return { state: draft.state, effects: draft.effects, verdicts };
}

type Applier<E extends RunEvent> = (
  workflow: WorkflowDefinition,
  draft: Draft,
  event: E,
) => Verdict;
type Row = { readonly [T in RunEvent["type"]]: Applier<Extract<RunEvent, { type: T }>> };

const late = (): Verdict => "late";

/** Which events each phase of a run takes. A missing pair does not compile. */
const TABLE: { readonly [P in RunPhase]: Row } = {
  running: { attempt_ended: applyToSlot, timer_due: applyToSlot, cancel_requested: cancel },
  failing: { attempt_ended: applyToSlot, timer_due: applyToSlot, cancel_requested: cancel },
  canceling: { attempt_ended: applyToSlot, timer_due: applyToSlot, cancel_requested: late },
  ended: { attempt_ended: late, timer_due: late, cancel_requested: late },
};

function apply(workflow: WorkflowDefinition, draft: Draft, event: RunEvent): Verdict {
  const applier = TABLE[draft.state.phase][event.type] as Applier<RunEvent>;
  return applier(workflow, draft, event);
}

function applyToSlot(
  workflow: WorkflowDefinition,
  draft: Draft,
  event: AttemptEnded | TimerDue,
): Verdict {
  const { step: id, index } = parseSlotKey(event.slot);
  const step = workflow.steps.find((candidate) => candidate.id === id);
  if (step === undefined || draft.state.steps[id]?.slots[index] === undefined) return "late";
  return move(draft, step, index, event);
}

function move(draft: Draft, step: StepDefinition, index: number, event: SlotEvent): Verdict {
  const state = draft.state.steps[step.id] as StepState;
  const slot = slotKey(step.id, state.items === undefined ? undefined : index);
  const context = { step, slot, starts: draft.state.phase === "running" };
  const moved = moveSlot(state.slots[index] as SlotState, event, context);
  if (moved === undefined) return "late";
  draft.touch(step.id).slots[index] = moved.next;
  draft.effects.push(...moved.effects);
  return "applied";
}

function cancel(workflow: WorkflowDefinition, draft: Draft): Verdict {
  draft.state.phase = "canceling";
  for (const step of workflow.steps) {
    const { slots } = draft.state.steps[step.id] as StepState;
    for (let index = 0; index < slots.length; index++) move(draft, step, index, { type: "stop" });
  }
  return "applied";
}

function settle(workflow: WorkflowDefinition, draft: Draft, at: number): void {
  settleSteps(workflow, draft, at);
  const { steps, phase } = draft.state;
  if (phase === "ended") return;
  for (const id in steps) if (!isFinal((steps[id] as StepState).phase as StepStatus)) return;
  finish(workflow, draft, phase);
}

function finish(
  workflow: WorkflowDefinition,
  draft: Draft,
  phase: Exclude<RunPhase, "ended">,
): void {
  switch (phase) {
    case "canceling":
      return finishAs(draft, "canceled", undefined, {
        code: "canceled",
        message: "the run was canceled",
      });
    case "failing":
      return finishFailed(workflow, draft);
    case "running": {
      const output = workflow.output?.render(runScope(draft.state));
      if (output === undefined) return finishAs(draft, "success", null, undefined);
      if (output.ok) return finishAs(draft, "success", output.value, undefined);
      const error: WorkError = {
        code: "expression_failed",
        message: `output: ${output.error.message}`,
      };
      return finishAs(draft, "failed", undefined, error);
    }
  }
}

/** A run of one action ends as its action did; a workflow fails, and its error names the step. */
function finishFailed(workflow: WorkflowDefinition, draft: Draft): void {
  if (workflow.kind === "workflow") return finishAs(draft, "failed", undefined, draft.state.error);
  const step = draft.state.steps[ACTION_STEP] as StepState;
  finishAs(draft, step.phase === "timed_out" ? "timed_out" : "failed", undefined, step.error);
}

function finishAs(
  draft: Draft,
  status: FinalStatus,
  output: Json | undefined,
  error: WorkError | undefined,
): void {
  draft.state.phase = "ended";
  draft.state.status = status;
  if (output !== undefined) draft.state.output = output;
  if (error === undefined) delete draft.state.error;
  else draft.state.error = error;
  draft.effects.push({
    type: "finish",
    status,
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
  });
}

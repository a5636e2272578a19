import type { Json } from "@yardmaster/protocol";
import type { StepDefinition, WorkflowDefinition } from "../definitions/index.ts";
import type { Scope } from "../expressions/index.ts";
import type { Effect } from "./effects.ts";
import { type Plan, planOf } from "./plan.ts";
import { runView } from "./scope.ts";
import type { RunState, SlotState, StepState } from "./state.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type StepDraft = Mutable<Omit<StepState, "slots">> & { slots: SlotState[] };

/**
 * A state being advanced: copied as it is touched, so that the state it began from stays as it was.
 * A step's slots are copied once per advance, however many of its items move.
 */
export interface Draft {
  readonly workflow: WorkflowDefinition;
  readonly plan: Plan;
  readonly state: Mutable<RunState>;
  readonly effects: Effect[];
  /** Unix milliseconds of the advance. */
  readonly at: number;
  /** Steps that may be able to move, in the order in which that was found. */
  readonly toMove: StepDefinition[];
  /** A copy of the step that may be written. */
  touch(step: string): StepDraft;
  /** Adds a step whose list begins. */
  add(step: string, state: StepState): void;
  /** Sets what expressions see of a step. */
  see(step: string, view: unknown): void;
  save(name: string, value: Json): void;
  /** What the run's expressions see now. */
  scope(): Scope;
}

export function draftOf(workflow: WorkflowDefinition, base: RunState, at: number): Draft {
  const steps: { [id: string]: StepState } = { ...base.steps };
  const state: Mutable<RunState> = { ...base, steps };
  const touched = new Map<string, StepDraft>();
  let views: { [id: string]: unknown } | undefined;
  let vars: { [name: string]: Json } | undefined;
  return {
    workflow,
    plan: planOf(workflow),
    state,
    effects: [],
    at,
    toMove: [],
    touch(id) {
      const known = touched.get(id);
      if (known !== undefined) return known;
      const step = steps[id] as StepState;
      const copy: StepDraft = { ...step, slots: [...step.slots] };
      steps[id] = copy;
      touched.set(id, copy);
      return copy;
    },
    add(id, step) {
      steps[id] = step;
    },
    see(id, view) {
      if (views === undefined) {
        views = { ...state.views };
        state.views = views;
      }
      views[id] = view;
    },
    save(name, value) {
      if (vars === undefined) {
        vars = { ...state.vars };
        state.vars = vars;
      }
      vars[name] = value;
    },
    scope: () => ({
      input: state.input,
      run: runView(state),
      vars: state.vars,
      steps: state.views,
    }),
  };
}

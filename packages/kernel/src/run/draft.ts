import type { Effect } from "./effects.ts";
import type { RunState, SlotState, StepState } from "./state.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type StepDraft = Mutable<Omit<StepState, "slots">> & { slots: SlotState[] };

/**
 * A state being advanced: copied as it is touched, so that the state it began from stays as it was.
 * A step's slots are copied once per advance, however many of its items move.
 */
export interface Draft {
  readonly state: Mutable<RunState>;
  readonly effects: Effect[];
  /** A copy of the step that may be written. */
  touch(step: string): StepDraft;
}

export function draftOf(base: RunState): Draft {
  const steps: { [id: string]: StepState } = { ...base.steps };
  const touched = new Map<string, StepDraft>();
  return {
    state: { ...base, steps },
    effects: [],
    touch(id) {
      const known = touched.get(id);
      if (known !== undefined) return known;
      const step = steps[id] as StepState;
      const copy: StepDraft = { ...step, slots: [...step.slots] };
      steps[id] = copy;
      touched.set(id, copy);
      return copy;
    },
  };
}

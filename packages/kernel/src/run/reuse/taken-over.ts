import type { RunState } from "../state.ts";

/** What a new try has taken over from the run that it tries again, in the order of its steps. */
export interface TakenOver {
  /** As a whole: that succeeded, or failed without failing the run. */
  readonly steps: readonly string[];
  /** Of the steps that are done again, how many of their items, groups or rounds. */
  readonly parts: readonly TakenParts[];
}

export interface TakenParts {
  readonly step: string;
  readonly reused: number;
  readonly of: number;
}

export function takenOver({ steps }: RunState): TakenOver {
  const all = Object.entries(steps);
  return {
    steps: all.flatMap(([id, { reused }]) => (reused === true ? [id] : [])),
    parts: all.flatMap(([step, { slots }]) => {
      const reused = slots.filter((slot) => slot.reused === true).length;
      return reused === 0 ? [] : [{ step, reused, of: slots.length }];
    }),
  };
}

import type { WorkError } from "@yardmaster/protocol";
import type { Draft } from "../draft.ts";
import type { Abandoned, RunEvent, Verdict } from "../events.ts";
import { decide, finish } from "../phases.ts";
import { moveSteps, stopSection } from "../steps/steps.ts";

/** How a run ends that was abandoned. */
export const ABANDONED: WorkError = {
  code: "canceled",
  message: "the run was canceled without its cleanup, since its definition was not there any more",
};

export function isAbandoned(event: RunEvent): event is Abandoned {
  return event.type === "abandoned";
}

/** Ends the run where it stands. For who folds it when its definition is there again: nothing is to be done about it. */
export function applyAbandoned(draft: Draft, { by }: Abandoned): Verdict {
  const { state } = draft;
  if (state.phase === "ended") return "late";
  state.phase = "canceling";
  state.canceledBy = by;
  stopSection(draft);
  moveSteps(draft);
  decide(draft, "canceled", ABANDONED);
  finish(draft);
  return "applied";
}

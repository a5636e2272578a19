import type { Draft } from "../draft.ts";
import type { RunEvent, Verdict } from "../events.ts";
import { CANCELED, decide, stopClock } from "../phases.ts";
import { TIMEOUT_SLOT } from "../slots/slot-key.ts";
import type { RunPhase } from "../state.ts";
import { stopSection } from "../steps/steps.ts";
import { endOwnPause } from "./pause.ts";

/** What makes a run stop: somebody asks, or its own time is over. */
type StopKind = "cancel" | "out_of_time";

/** `stop`: everything open is asked to stop. `note`: only how the run ends changes. `late`: nothing does. */
type StopWay = "stop" | "note" | "late";

/** What each phase makes of it. A missing pair does not compile. */
const WAYS: { readonly [P in RunPhase]: { readonly [K in StopKind]: StopWay } } = {
  running: { cancel: "stop", out_of_time: "stop" },
  failing: { cancel: "stop", out_of_time: "stop" },
  canceling: { cancel: "late", out_of_time: "late" },
  timing_out: { cancel: "stop", out_of_time: "late" },
  undoing: { cancel: "note", out_of_time: "late" },
  handling: { cancel: "stop", out_of_time: "late" },
  finalizing: { cancel: "late", out_of_time: "late" },
  ended: { cancel: "late", out_of_time: "late" },
};

export function stopOf(event: RunEvent): StopKind | undefined {
  if (event.type === "cancel_requested") return "cancel";
  if (event.type !== "timer_due" || event.slot !== TIMEOUT_SLOT) return undefined;
  return event.number === 1 ? "out_of_time" : undefined;
}

/** Whether it asks what is open to stop. */
export function isStop(draft: Draft, kind: StopKind): boolean {
  return WAYS[draft.state.phase][kind] === "stop";
}

export function applyStop(draft: Draft, kind: StopKind, event: RunEvent): Verdict {
  const { state } = draft;
  const way = WAYS[state.phase][kind];
  // What is being undone after a cancel is canceled already.
  if (way === "late" || (way === "note" && state.outcome === "canceled")) return "late";
  if (kind === "out_of_time") state.timed = false;
  else {
    stopClock(draft);
    endOwnPause(draft);
    if ("by" in event) state.canceledBy = event.by;
  }
  // Where it is not decided yet how the run ends, that comes when its last results have come.
  if (kind === "cancel" && state.outcome !== undefined) decide(draft, "canceled", CANCELED);
  if (way === "stop") {
    state.phase = kind === "cancel" ? "canceling" : "timing_out";
    stopSection(draft);
  }
  return "applied";
}

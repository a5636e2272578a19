import type { Draft } from "./draft.ts";
import type { PauseChanged } from "./events.ts";
import type { Verdict } from "./stops.ts";

/** What is held is decided where attempts are given out: the interpreter only knows that, and who asked. */
export function applyPause(draft: Draft, { type, by }: PauseChanged): Verdict {
  const { state } = draft;
  const isPaused = state.pausedBy !== undefined;
  if (state.phase === "ended" || isPaused === (type === "paused")) return "late";
  if (type === "paused") state.pausedBy = by;
  else delete state.pausedBy;
  return "applied";
}

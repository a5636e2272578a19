import type { Draft } from "../draft.ts";
import type { PauseChanged, Verdict } from "../events.ts";

/** What is held is decided where attempts are given out: the interpreter only knows that, and who asked. */
export function applyPause(draft: Draft, { type, by }: PauseChanged): Verdict {
  const { state } = draft;
  const isPaused = state.pausedBy !== undefined;
  if (state.phase === "ended" || isPaused === (type === "paused")) return "late";
  if (type === "resumed" && !mayResume(state.pausedBy, by)) return "late";
  if (type === "paused") state.pausedBy = by;
  else delete state.pausedBy;
  return "applied";
}

/**
 * With a cancel: a pause would hold the cleanup of what was canceled, and with it the end, and a key of a queue. That of
 * the run that it is a step of is not its own to end.
 */
export function endOwnPause({ state }: Draft): void {
  if (state.pausedBy !== undefined && pausedWith(state.pausedBy) === undefined)
    delete state.pausedBy;
}

/** Who paused a run with its parent: the parent. */
export function pauserOf(parentId: string): string {
  return `${BY_RUN}${parentId}`;
}

/** The run whose pause holds one, by who paused that; undefined where it is held by itself. */
export function pausedWith(pausedBy: string): string | undefined {
  return pausedBy.startsWith(BY_RUN) ? pausedBy.slice(BY_RUN.length) : undefined;
}

const BY_RUN = "run:";

/** A parent that goes on takes its own pause away, and not one that somebody asked for beside it. */
function mayResume(pausedBy: string | undefined, by: string): boolean {
  return pausedWith(by) === undefined || pausedBy === by;
}

import type { RunState } from "@yardmaster/kernel";

/**
 * Milliseconds from when a run was created to the start of its first attempt; undefined where none has started, or it
 * took over all results. The worker's clock says when an attempt started: one that is behind counts as at once.
 */
export function pickedUpMs(state: RunState, createdAt: Date): number | undefined {
  let first: number | undefined;
  for (const { slots, reused } of Object.values(state.steps)) {
    if (reused) continue;
    for (const { attempts } of slots) {
      const startedAt = attempts[0]?.startedAt;
      if (startedAt !== undefined && (first === undefined || startedAt < first)) first = startedAt;
    }
  }
  return first === undefined ? undefined : Math.max(first - createdAt.getTime(), 0);
}

import type { DispatchView } from "./waiting.store.ts";

/** Attempts, runs of steps and timers that an explanation tells one by one; of others their number. */
export const MOST_TOLD = 20;

/** An attempt, and how many more of its step wait exactly as it does. */
export interface Waiting extends DispatchView {
  readonly more: number;
}

/** Items of one step that are ready for the same thing are told by the first of them: of thousands all is the same. */
export function alike(rows: readonly DispatchView[]): Waiting[] {
  const groups = new Map<string, DispatchView & { more: number }>();
  for (const row of rows) {
    const isAlike = row.state === "ready" || row.state === "paused";
    const group = isAlike ? groupOf(row) : `${row.slot}/${row.number}`;
    const first = groups.get(group);
    if (first === undefined) groups.set(group, { ...row, more: 0 });
    else first.more++;
  }
  return [...groups.values()];
}

function groupOf({ slot, runner, queue, key }: DispatchView): string {
  return JSON.stringify([slot.replace(/#\d+/, "#"), runner, queue, key]);
}

export function stepText({ slot, more }: Pick<Waiting, "slot" | "more">): string {
  if (more === 0) return `step ${slot}`;
  return `step ${slot} and ${more} more of its items`;
}

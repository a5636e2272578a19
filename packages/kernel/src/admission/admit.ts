import type { LaneRate } from "./rate.ts";

/** What a lane of admission allows. Null: no limit. */
export interface LaneLimits {
  /** Attempts leased at once. */
  readonly concurrency: number | null;
  /** The same for each key. */
  readonly keyConcurrency: number | null;
  /** Whether each key serves one run at a time, in the order in which they came. */
  readonly fifo: boolean;
  /** Attempts that may start in a time; whoever admits asks `rateRoom` how many are left. */
  readonly rate?: LaneRate | null;
}

/** An attempt that waits in a lane. */
export interface WaitingAttempt {
  readonly runId: string;
  readonly slot: string;
  readonly number: number;
  readonly key: string | null;
  /** 1 is first. */
  readonly priority: number;
}

/** A lane at one moment, as it stands while its lock is held. */
export interface LaneView<Attempt extends WaitingAttempt> {
  readonly limits: LaneLimits;
  /** Ready attempts that a free place could take: of the kind that is asked for, and not asked to stop. */
  readonly ready: readonly Attempt[];
  /** Keys of the leased attempts, whatever their kind. */
  readonly leased: readonly (string | null)[];
  /** The run at the head of a key's line: the one that came first of those that have not ended. */
  readonly head: (key: string) => string | undefined;
}

/**
 * Which attempts are leased next, best first, at most `free`: by priority, then the oldest run, within the lane's
 * limits. The decision that the claims take in SQL under the lane's lock; tests hold the two together.
 */
export function admit<Attempt extends WaitingAttempt>(
  lane: LaneView<Attempt>,
  free: number,
): Attempt[] {
  const { concurrency } = lane.limits;
  const room = concurrency === null ? free : Math.min(free, concurrency - lane.leased.length);
  if (room <= 0) return [];
  return byKey(lane, [...lane.ready].sort(byTurn)).slice(0, room);
}

function byKey<Attempt extends WaitingAttempt>(
  { limits, leased, head }: LaneView<Attempt>,
  sorted: readonly Attempt[],
): Attempt[] {
  const { keyConcurrency, fifo } = limits;
  const busy = new Map<string, number>();
  for (const key of leased) if (key !== null) busy.set(key, (busy.get(key) ?? 0) + 1);
  return sorted.filter(({ key, runId }) => {
    if (key === null) return true;
    if (fifo && head(key) !== runId) return false;
    const count = (busy.get(key) ?? 0) + 1;
    if (keyConcurrency !== null && count > keyConcurrency) return false;
    busy.set(key, count);
    return true;
  });
}

/** Run ids are UUIDv7: the smaller is the older. */
function byTurn(a: WaitingAttempt, b: WaitingAttempt): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.runId !== b.runId) return a.runId < b.runId ? -1 : 1;
  return a.slot < b.slot ? -1 : a.slot > b.slot ? 1 : 0;
}

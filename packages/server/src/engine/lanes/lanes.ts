import type { Pool } from "pg";
import {
  type KeyLine,
  type LaneStatus,
  type RunningAttempt,
  selectKeyLines,
  selectLanes,
  selectRunning,
  selectWaiting,
  type WaitingAttempt,
} from "./lanes.store.ts";

/** A queue with what waits, what runs, and who holds its keys; each list has at most `limit`. */
export interface LaneDetail extends LaneStatus {
  readonly waiting: readonly WaitingAttempt[];
  readonly running: readonly RunningAttempt[];
  readonly lines: readonly KeyLine[];
}

export interface Lanes {
  /** By name. */
  lanes(): Promise<LaneStatus[]>;
  lane(name: string, limit: number): Promise<LaneDetail | undefined>;
}

export function createLanes(pool: Pool): Lanes {
  return {
    lanes: () => selectLanes(pool),
    async lane(name, limit) {
      const [[status], waiting, running, lines] = await Promise.all([
        selectLanes(pool, name),
        selectWaiting(pool, name, limit),
        selectRunning(pool, name, limit),
        selectKeyLines(pool, name, limit),
      ]);
      return status && { ...status, waiting, running, lines };
    },
  };
}

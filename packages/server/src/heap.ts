import { Session } from "node:inspector/promises";
import { setFlagsFromString } from "node:v8";

/**
 * A full collection comes when the heap has grown by half. V8 itself waits for up to four times as much where the
 * machine has memory: a thousand nodes under calls, 76 MB of which are alive, took 480 MB so, and take 290 MB now at
 * the same rate.
 */
const GROWTH_PERCENT = 50;

const LOOK_EVERY_MS = 2_000;
/** Below it nothing is done that a collection could hold up. */
const IDLE_SHARE = 0.05;
/** So much more than was left after the last release is worth a collection of 0.1 to 0.2 s. */
const WORTH_BYTES = 64 * 1024 * 1024;

export interface HeapDeps {
  /** Share of its time, 0 to 1, that this process has worked since it was asked last. */
  readonly workedShare: () => number;
  /** What it takes of the machine's memory. */
  readonly residentBytes: () => number;
  /** Collects all that is collectable, and gives the pages back. */
  readonly collect: () => Promise<void>;
}

/**
 * Gives memory back once a burst is over. V8 would do so by itself when allocation is slow, but it learns how slow at
 * collections alone, and a process that has fallen still makes none: 40 s after 25,000 runs it held every page still.
 */
export function createRelease({ workedShare, residentBytes, collect }: HeapDeps) {
  let leftBytes = residentBytes();
  return async function look(): Promise<void> {
    leftBytes = Math.min(leftBytes, residentBytes());
    if (workedShare() > IDLE_SHARE || residentBytes() - leftBytes < WORTH_BYTES) return;
    await collect();
    leftBytes = residentBytes();
  };
}

/** For the whole process, as long as it lives. */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  let last = performance.eventLoopUtilization();
  const look = createRelease({
    workedShare() {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, last);
      last = now;
      return utilization;
    },
    residentBytes: () => process.memoryUsage.rss(),
    collect: collectAll,
  });
  setInterval(() => void look(), LOOK_EVERY_MS).unref();
}

/** By the protocol of debuggers: the one documented way to it that needs no flag of the command line. */
async function collectAll(): Promise<void> {
  const session = new Session();
  session.connect();
  try {
    await session.post("HeapProfiler.collectGarbage");
  } finally {
    session.disconnect();
  }
}

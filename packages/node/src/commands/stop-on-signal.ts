import type { Link } from "../link/link.ts";
import type { Log } from "../log.ts";
import type { Work } from "../work/work.types.ts";

/** Of the ten seconds that a service manager gives: what runs may end, then it is killed. */
const DRAIN_MS = 5_000;
/** For killing what does not end, and for the goodbye. */
const HARD_MS = 9_000;
const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
const EXIT_FORCED = 1;

export interface Stop {
  now(why: string): void;
  /** Resolves when a stop that was begun is over; at once where there was none. */
  finished(): Promise<void>;
  /** The process is about to end by itself: signals change nothing any more, and do not cut it short. */
  over(): void;
}

/** A terminal and a program in between both hand on one Ctrl-C: what follows so soon is the same wish. */
const SAME_WISH_MS = 500;
/** For killing what runs, telling of it, and the goodbye, where nobody will wait. */
const HURRIED_MS = 2_000;

/**
 * Signals stop the node in order; another one later kills at once what runs, which is still told. Where the goodbye takes
 * too long, it is left out. Nothing that it started is left behind.
 */
export function stopOnSignal(link: Link, work: Work, log: Log): Stop {
  let stopping: Promise<void> | undefined;
  let hard: NodeJS.Timeout | undefined;
  let beganAtMs = 0;
  let isHurried = false;
  let isOver = false;

  function now(why: string): void {
    if (isOver) return;
    if (stopping !== undefined) {
      if (performance.now() - beganAtMs >= SAME_WISH_MS) hurry();
      return;
    }
    beganAtMs = performance.now();
    log("info", `stopping, because ${why}`);
    hard = setTimeout(() => force("it took too long"), HARD_MS);
    stopping = link.stop(DRAIN_MS);
  }

  function hurry(): void {
    if (isHurried) return;
    isHurried = true;
    log("info", "told to stop again: waiting no longer, and killing what runs");
    clearTimeout(hard);
    hard = setTimeout(() => force("it took too long"), HURRIED_MS);
    void work.killAll();
  }

  function force(why: string): void {
    log("warn", `stopping at once: ${why}`);
    void work.killAll().finally(() => process.exit(EXIT_FORCED));
    // Where even that hangs, processes are left to the service manager, which kills the whole group.
    setTimeout(() => process.exit(EXIT_FORCED), 1_000).unref();
  }

  for (const signal of SIGNALS) process.on(signal, () => now(`of ${signal}`));
  return {
    now,
    finished: async () => await stopping,
    over() {
      isOver = true;
      clearTimeout(hard);
    },
  };
}

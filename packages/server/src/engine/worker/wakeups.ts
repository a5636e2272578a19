import type { Pool } from "pg";
import type { INSTANT, RunnerKind } from "./runner-kind.ts";
import { notifyWake } from "./wakeups.store.ts";

/**
 * What waits: ready attempts by what they take a place of, those in lanes, those for nodes, or attempts to be stopped.
 * `joined`: a process has begun, so that nobody is alone any more.
 */
export type Hint = RunnerKind | typeof INSTANT | "lanes" | "nodes" | "stop" | "joined";

/** NOTIFY takes a lock of the whole cluster at commit: at most one in so many milliseconds. */
const COALESCE_MS = 10;

/**
 * Hints to other processes that something waits for them. Only hints: each of them looks by itself at least every 2 s.
 * Nothing is sent while this process is alone.
 */
export function createWakeups(pool: Pool, others: () => number) {
  const hints = new Set<Hint>();
  let timer: NodeJS.Timeout | undefined;

  function send(): void {
    timer = undefined;
    const payload = [...hints].join(",");
    hints.clear();
    // A lost hint costs the time to the next look.
    notifyWake(pool, payload).catch(() => undefined);
  }

  return {
    hint(hint: Hint): void {
      if (others() === 0) return;
      hints.add(hint);
      timer ??= setTimeout(send, COALESCE_MS);
    },
    close(): void {
      clearTimeout(timer);
    },
  };
}

import { isConnectionLoss, type Log } from "../../db/index.ts";
import type { RunningEngine } from "../running-engine.types.ts";

/**
 * `more`: there may be more behind it. `idle`: all that has happened is settled. `standby`: another process was
 * first, and goes on.
 */
export type Settled = "more" | "idle" | "standby";

export interface LoopDeps {
  readonly runOnce: () => Promise<Settled>;
  readonly engine: Pick<RunningEngine, "feed" | "counters">;
  readonly standbyMs: number;
  readonly log: Pick<Log, "warn">;
  /** What is told where it fails, as a sentence. */
  readonly onFailure: string;
}

export interface FeedLoop {
  /** There is something beside the feed to be looked at. */
  wake(): void;
  /** Ends the loop; resolves when what is under way is settled. */
  close(): Promise<void>;
}

/** This process has written nothing for so long: what others write is looked for less often. */
const QUIET_AFTER_MS = 3_000;
const LOOK_WHEN_QUIET_MS = 2_000;

/**
 * Looks whenever the feed may have moved, one look at a time. A quiet process looks every two seconds, and so costs
 * next to nothing. While the database is away it looks again later.
 */
export function startFeedLoop({ runOnce, engine, standbyMs, log, onFailure }: LoopDeps): FeedLoop {
  let closed = false;
  let working: Promise<void> | undefined;
  let again = false;
  let standbyUntil = 0;
  let wrote = { flushes: -1, atMs: 0 };
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  async function look(): Promise<Settled> {
    try {
      return await runOnce();
    } catch (error) {
      if (!closed && !isConnectionLoss(error)) log.warn({ err: error }, onFailure);
      return "standby";
    }
  }

  async function work(): Promise<void> {
    for (;;) {
      again = false;
      const settled = await look();
      if (settled === "standby") standbyUntil = performance.now() + standbyMs;
      if (closed || settled === "standby" || (settled === "idle" && !again)) return;
    }
  }

  function isQuiet(nowMs: number): boolean {
    const { flushes } = engine.counters;
    if (flushes !== wrote.flushes) wrote = { flushes, atMs: nowMs };
    return nowMs - wrote.atMs > QUIET_AFTER_MS && nowMs - lookedAtMs < LOOK_WHEN_QUIET_MS;
  }

  const unwatch = engine.feed.watch(() => {
    again = true;
    const nowMs = performance.now();
    if (nowMs >= standbyUntil && !isQuiet(nowMs)) begin(nowMs);
  });

  function begin(nowMs: number): void {
    if (closed || working !== undefined) return;
    lookedAtMs = nowMs;
    working = work().finally(() => {
      working = undefined;
    });
  }

  return {
    wake() {
      again = true;
      begin(performance.now());
    },
    async close() {
      closed = true;
      unwatch();
      await working;
    },
  };
}

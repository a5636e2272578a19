import { monitorEventLoopDelay } from "node:perf_hooks";

/** Coarse: every look wakes an idle process. */
const RESOLUTION_MS = 200;
const FORGET_AFTER_MS = 600_000;

export interface EventLoopLag {
  /** Seconds by quantile, since the last call. */
  read(): readonly { readonly quantile: string; readonly seconds: number }[];
  close(): void;
}

export function watchEventLoop(): EventLoopLag {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  // Nobody asks: what was an hour ago must not be told as if it were now.
  const forget = setInterval(() => delays.reset(), FORGET_AFTER_MS).unref();

  return {
    read() {
      const quantiles = [50, 99, 100].map((percent) => ({
        quantile: String(percent / 100),
        seconds: lagSeconds(delays.percentile(percent)),
      }));
      delays.reset();
      return quantiles;
    },
    close() {
      clearInterval(forget);
      delays.disable();
    },
  };
}

/** What is measured is the whole time between two looks. */
function lagSeconds(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1e3);
}

import { NODE_FLOW, NODE_TIMES } from "@yardmaster/protocol/node";

/** After a pause, output waits this long for more of it: a command that ends meanwhile needs one frame. */
const FIRST_FLUSH_MS = 4;

/** Says when gathered output is sent: at 16 KiB once this turn of the event loop has read what there is, or 100 ms. */
export interface FlushTimer {
  /** So many bytes wait. */
  gathered(bytes: number): void;
  flushed(): void;
  stop(): void;
}

export function createFlushTimer(flush: () => void): FlushTimer {
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  let lastFlush = Number.NEGATIVE_INFINITY;

  const stop = (): void => {
    clearTimeout(timer);
    clearImmediate(immediate);
    timer = undefined;
    immediate = undefined;
  };

  return {
    gathered(bytes) {
      if (bytes >= NODE_FLOW.flushBytes) immediate ??= setImmediate(flush);
      else if (timer === undefined && immediate === undefined) {
        const sinceMs = performance.now() - lastFlush;
        timer = setTimeout(flush, Math.max(FIRST_FLUSH_MS, NODE_TIMES.flushMs - sinceMs));
      }
    },
    flushed() {
      stop();
      lastFlush = performance.now();
    },
    stop,
  };
}

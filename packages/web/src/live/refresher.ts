export interface Refresher {
  /** What is shown may be old: it is read again now, or as soon as the pace allows. */
  touch(): void;
  stop(): void;
}

/**
 * Keeps reads at a pace, however fast changes come: none overlap, and what changes during one is read after it. Half
 * of the time at most goes into reading: a slow server or a long list slows the pace down.
 */
export function createRefresher(read: () => Promise<unknown>, everyMs: number): Refresher {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isReading = false;
  let isStale = false;
  let isStopped = false;
  let nextAt = 0;

  function touch(): void {
    isStale = true;
    if (timer !== undefined || isReading || isStopped) return;
    timer = setTimeout(() => void run(), Math.max(0, nextAt - performance.now()));
  }

  async function run(): Promise<void> {
    timer = undefined;
    isStale = false;
    isReading = true;
    const beganAt = performance.now();
    // A failure is the reader's to show; the next change tries again.
    await read().catch(() => undefined);
    isReading = false;
    nextAt = performance.now() + Math.max(everyMs, performance.now() - beganAt);
    if (isStale) touch();
  }

  return {
    touch,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** Where waiting inside the process comes from: the real clock, or a simulator's. */
export interface Timers {
  /** Calls `run` once, after `ms` milliseconds; the answer takes it back. */
  after(ms: number, run: () => void): () => void;
}

export const processTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

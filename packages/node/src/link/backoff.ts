export interface BackoffOptions {
  /** In [0, 1). */
  readonly random: () => number;
  readonly firstMs?: number;
}

const MOST_MS = 30_000;
/** How long a link must have stood for the next wait to be short again. */
const STABLE_MS = 60_000;

export interface Backoff {
  /**
   * How long to wait before the next dial. `upMs`: how long the link that ended was logged in, 0 where it never was.
   * `atLeastMs`: what the server asked for, which is kept and jittered on top.
   */
  next(ended: { readonly upMs: number; readonly atLeastMs?: number }): number;
}

/** Full jitter between nothing and 0.5 s × 2ⁿ, at most 30 s: a thousand nodes do not come back at once. */
export function createBackoff({ random, firstMs = 500 }: BackoffOptions): Backoff {
  let failures = 0;
  return {
    next({ upMs, atLeastMs = 0 }) {
      if (upMs >= STABLE_MS) failures = 0;
      const boundMs = Math.min(MOST_MS, firstMs * 2 ** Math.min(failures, 30));
      failures++;
      const asked = atLeastMs * (1 + random() / 4);
      return Math.round(Math.max(random() * boundMs, asked));
    },
  };
}

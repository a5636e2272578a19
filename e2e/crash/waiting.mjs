import { setTimeout as pause } from "node:timers/promises";

/**
 * How long something is waited for that others bring about: no bound of the product, which is measured and judged for
 * itself. Where a process takes 7 ms to start instead of 1, an attempt came to its turn under load after 20 s.
 */
export const PATIENCE_MS = 60_000;

/** Looks until `look` gives something; fails with `what` when nothing came in time. */
export async function until(what, look, { withinMs = PATIENCE_MS, everyMs = 50 } = {}) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(everyMs);
  }
}

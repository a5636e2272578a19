import { setTimeout as pause } from "node:timers/promises";

/** Looks until `look` gives something; fails with `what` when nothing came in time. */
export async function until(what, withinMs, look, everyMs = 50) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(everyMs);
  }
}

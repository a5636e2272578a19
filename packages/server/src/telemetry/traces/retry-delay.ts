const FIRST_MS = 1_000;
const MOST_MS = 30_000;
const MOST_ASKED_MS = 300_000;

/** When a request is sent again after `failures` in a row; `random` from 0 to 1. What the collector asks for is kept to, within reason. */
export function retryDelayMs(
  failures: number,
  askedMs: number | undefined,
  random: number,
): number {
  if (askedMs !== undefined) return Math.min(askedMs, MOST_ASKED_MS);
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
  // Servers that lost it at the same time must not all come back at the same time.
  return most * (0.5 + random / 2);
}

const FIRST_MS = 60_000;
const LONGEST_MS = 3_600_000;

/** How long an item waits after so many tries: a minute, then twice as long each time, an hour at most. */
export function nextTryMs(attempts: number): number {
  return Math.min(FIRST_MS * 2 ** Math.min(Math.max(attempts - 1, 0), 20), LONGEST_MS);
}

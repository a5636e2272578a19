/** What a pack may be at most. A limit that is hit is reported at its place. */
export const MAX_STEPS = 500;
export const MAX_ATTEMPTS = 1_000;
export const MAX_CONCURRENCY = 10_000;
export const MAX_ROUNDS = 10_000;
/** The longest a timer of Node.js can wait is 2^31 - 1 ms, a little under 25 days. */
export const MAX_TIMEOUT_MS = 24 * 86_400_000;
export const MAX_DELAY_MS = 366 * 86_400_000;

/** Of a process whose action says nothing else (docs/limits.md). */
export const DEFAULT_TIMEOUT_MS = 5 * 60_000;

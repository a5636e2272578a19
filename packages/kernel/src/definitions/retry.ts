import type { RetryPolicy } from "./definition.ts";

/**
 * Milliseconds to wait before the next try, after `tries` counted ones.
 * `random` is 0 to 1; it is recorded with the event that failed, so a replay waits the same.
 */
export function retryDelayMs(policy: RetryPolicy, tries: number, random: number): number {
  const grown =
    policy.backoff === "exponential"
      ? policy.delayMs * 2 ** Math.min(tries - 1, 40)
      : policy.delayMs;
  const bounded = Math.min(grown, policy.maxDelayMs);
  return Math.round(bounded * (1 - policy.jitter * random));
}

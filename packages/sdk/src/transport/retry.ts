import { isAppError } from "@yardmaster/protocol/core";

export interface RetrySettings {
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
  readonly random: () => number;
}

export interface StreamSettings extends RetrySettings {
  /** A stream that is silent for so long is taken for dead; the server sends comments far more often. */
  readonly silenceMs: number;
}

export const STREAM_SETTINGS: StreamSettings = {
  firstRetryMs: 250,
  maxRetryMs: 10_000,
  silenceMs: 60_000,
  random: Math.random,
};

/** Half of the doubled delay is certain and half random: clients that lost the same server do not return as one. */
export function retryDelayMs(
  failures: number,
  { firstRetryMs, maxRetryMs, random }: RetrySettings,
): number {
  const fullMs = Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(failures, 20));
  return Math.round(fullMs / 2 + (fullMs / 2) * random());
}

/** The answer of a server that is there and says no; anything else may be better the next time. */
export function isRefusal(error: unknown): boolean {
  return isAppError(error) && !["unavailable", "internal", "rate_limited"].includes(error.code);
}

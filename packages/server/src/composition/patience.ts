import { type Database, placeOf, retryOnConnectionLoss } from "../db/index.ts";
import type { Logger } from "../telemetry/index.ts";

const START_PATIENCE_MS = 30_000;

/** Does a step of the start, which can be done again, until PostgreSQL answers; rejects with the signal's reason. */
export type Patiently = <T>(step: () => Promise<T>) => Promise<T>;

/** PostgreSQL may be started anew while this process starts. It is told once. */
export function createPatience(
  { url }: Database,
  log: Logger,
  signal: AbortSignal | undefined,
): Patiently {
  let told = false;
  const onLoss = (error: unknown): void => {
    if (!told) log.warn({ err: error }, `waiting for PostgreSQL (${placeOf(url)})`);
    told = true;
  };
  return (step) => retryOnConnectionLoss(step, { maxWaitMs: START_PATIENCE_MS, onLoss, signal });
}

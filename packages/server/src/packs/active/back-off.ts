/** After a failure nothing is tried for a second, and for twice as long after each that follows, up to this. */
export const MAX_BACK_OFF_MS = 30_000;
const FIRST_BACK_OFF_MS = 1_000;
/** What failed is remembered for so many; beyond that all are tried again. */
const MAX_REMEMBERED = 1_000;

interface Failure {
  readonly error: unknown;
  readonly backOffMs: number;
  readonly untilMs: number;
}

/** Carries out what is asked for by key, and answers for a while with the failure where it failed in a lasting way. */
export function createBackOff(deps: {
  readonly monotonicMs: () => number;
  /** Whether it would most likely fail again. */
  readonly isLasting: (error: unknown) => boolean;
}) {
  const failures = new Map<string, Failure>();

  return async function tryTo<T>(key: string, act: () => Promise<T>): Promise<T> {
    const last = failures.get(key);
    if (last !== undefined && deps.monotonicMs() < last.untilMs) throw last.error;
    try {
      const done = await act();
      failures.delete(key);
      return done;
    } catch (error) {
      if (deps.isLasting(error)) remember(key, error);
      throw error;
    }
  };

  /** Many may have asked at once: the failure that they share counts once. */
  function remember(key: string, error: unknown): void {
    const last = failures.get(key);
    if (last !== undefined && deps.monotonicMs() < last.untilMs) return;
    if (failures.size >= MAX_REMEMBERED) failures.clear();
    const backOffMs = Math.min((last?.backOffMs ?? FIRST_BACK_OFF_MS / 2) * 2, MAX_BACK_OFF_MS);
    failures.set(key, { error, backOffMs, untilMs: deps.monotonicMs() + backOffMs });
  }
}

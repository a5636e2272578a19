import type { RunRecord } from "./reading.types.ts";

const LOOK_EVERY_MS = 250;

/**
 * Those who wait for a run's end. A run that ends here is told at once, from memory; for runs that may end in
 * other processes the store is asked now and then, for as long as somebody waits and others live.
 */
export function createEnds(deps: {
  readonly endedAmong: (ids: readonly string[]) => Promise<string[]>;
  readonly read: (id: string) => Promise<RunRecord | undefined>;
  readonly others: () => number;
}) {
  const waiters = new Map<string, Set<(record: RunRecord) => void>>();
  let timer: NodeJS.Timeout | undefined;

  /** A run has ended; `read` is called where somebody waits for it. */
  function told(id: string, read: () => RunRecord): void {
    const waiting = waiters.get(id);
    if (waiting === undefined) return;
    waiters.delete(id);
    const record = read();
    for (const waiter of waiting) waiter(record);
  }

  function plan(): void {
    if (timer !== undefined || waiters.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      void look().finally(plan);
    }, LOOK_EVERY_MS);
    timer.unref();
  }

  async function look(): Promise<void> {
    if (deps.others() === 0) return;
    const ended = await deps.endedAmong([...waiters.keys()]).catch(() => []);
    for (const id of ended) {
      const record = await deps.read(id).catch(() => undefined);
      if (record !== undefined) told(id, () => record);
    }
  }

  /** Resolves with the ended run, or with undefined after `timeoutMs` or on abort. Ask the store first. */
  function wait(
    id: string,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<RunRecord | undefined> {
    return new Promise((resolve) => {
      const waiting = waiters.get(id) ?? new Set();
      waiters.set(id, waiting);
      const finish = (record?: RunRecord): void => {
        clearTimeout(limit);
        signal?.removeEventListener("abort", giveUp);
        waiting.delete(finish);
        if (waiting.size === 0 && waiters.get(id) === waiting) waiters.delete(id);
        resolve(record);
      };
      const giveUp = (): void => finish();
      const limit = setTimeout(giveUp, timeoutMs);
      signal?.addEventListener("abort", giveUp, { once: true });
      waiting.add(finish);
      if (signal?.aborted) giveUp();
      plan();
    });
  }

  return { told, wait };
}

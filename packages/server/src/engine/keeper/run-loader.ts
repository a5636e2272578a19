import type { StoredRun } from "./keeper.store.ts";

interface Waiting {
  readonly runId: string;
  readonly resolve: (run: StoredRun | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Journals of so many runs in one answer; each is at most some MiB, most are a few hundred bytes. */
const MOST_AT_ONCE = 500;

/**
 * Loads runs one by one for its callers, and those of one turn of the event loop in one query: what a claim has
 * leased is folded at once, and a query for each took half of the server's CPU in a burn-down.
 */
export function createRunLoader(
  loadMany: (runIds: readonly string[]) => Promise<ReadonlyMap<string, StoredRun>>,
): (runId: string) => Promise<StoredRun | undefined> {
  let waiting: Waiting[] = [];

  function loadAll(): void {
    const batch = waiting.slice(0, MOST_AT_ONCE);
    waiting = waiting.slice(MOST_AT_ONCE);
    if (waiting.length > 0) setImmediate(loadAll);
    loadMany(batch.map(({ runId }) => runId)).then(
      (runs) => {
        for (const { runId, resolve } of batch) resolve(runs.get(runId));
      },
      (error: unknown) => {
        for (const { reject } of batch) reject(error);
      },
    );
  }

  return (runId) =>
    new Promise((resolve, reject) => {
      waiting.push({ runId, resolve, reject });
      if (waiting.length === 1) setImmediate(loadAll);
    });
}

import type { RunningEngine } from "../engine/index.ts";
import type { Packs } from "../packs/index.ts";

/** Rare, since a server at rest asks its database next to nothing; what has changed is looked at at once. */
const EVERY_MS = 300_000;

export interface QueueSweepDeps {
  readonly engine: Pick<RunningEngine, "markRemovedQueues" | "deleteRemovedQueue">;
  readonly packs: Pick<Packs, "declaredQueues" | "packsWithQueue" | "onChange">;
  readonly onDeleted: (name: string) => void;
  readonly onError: (error: unknown, what: string) => void;
}

/**
 * Lets queues go that no active pack declares. What is active is asked of the store, not of this process, which may have
 * missed a change, or be of a build that cannot use a pack that others use. Any number of processes may sweep.
 */
export function createQueueSweep({ engine, packs, onDeleted, onError }: QueueSweepDeps) {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;
  let forget: (() => void) | undefined;

  async function runOnce(): Promise<void> {
    for (const name of await engine.markRemovedQueues(await packs.declaredQueues()))
      if (await engine.deleteRemovedQueue(name, await packs.packsWithQueue(name))) onDeleted(name);
  }

  function sweep(): void {
    round = (round ?? Promise.resolve())
      .then(runOnce)
      .catch((error: unknown) =>
        onError(error, "removed queues could not be deleted; trying again"),
      );
  }

  return {
    runOnce,
    start(): void {
      timer ??= setInterval(sweep, EVERY_MS).unref();
      forget ??= packs.onChange(sweep);
    },
    async close(): Promise<void> {
      clearInterval(timer);
      forget?.();
      await round;
    },
  };
}

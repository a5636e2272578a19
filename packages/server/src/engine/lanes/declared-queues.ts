import type { Pool } from "pg";
import { pauseQueue, selectQueueDepths, upsertQueues } from "./queues.store.ts";
import { deleteRemoved, markRemoved } from "./removed-queues.store.ts";

/** What packs and people want of queues; `onResumed`: one may hand out again what waits in it. */
export function createDeclaredQueues(pool: Pool, onResumed: () => void) {
  return {
    setQueues: (queues: Parameters<typeof upsertQueues>[1]) => upsertQueues(pool, queues),
    markRemovedQueues: (declared: readonly string[]) => markRemoved(pool, declared),
    deleteRemovedQueue: (name: string, digests: readonly string[]) =>
      deleteRemoved(pool, name, digests),
    async pauseQueue(name: string, by: string | null): Promise<boolean> {
      const isThere = await pauseQueue(pool, name, by);
      if (by === null) onResumed();
      return isThere;
    },
    queueDepths: () => selectQueueDepths(pool),
  };
}

import type { Database } from "../db/index.ts";
import type { RunningEngine } from "../engine/index.ts";
import type { Packs } from "../packs/index.ts";
import { createQueueSweep } from "../queues/index.ts";
import { createRetention } from "../retention.ts";
import type { Settings } from "../settings/index.ts";
import type { Logger, Metrics } from "../telemetry/index.ts";
import type { Closers } from "./closers.ts";

export interface SweepParts {
  readonly database: Database;
  readonly packs: Packs;
  readonly engine: RunningEngine;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** What a scheduler does now and then: it deletes queues that no pack declares, and what is kept no longer. */
export function startSweeps({ keep }: Settings, parts: SweepParts, closers: Closers): void {
  const { database, packs, engine, metrics, log } = parts;
  const queueSweep = createQueueSweep({
    ...{ engine, packs },
    onDeleted: (queue) => log.info({ queue }, "no pack declares the queue any more: deleted"),
    onError: (error, what) => log.warn({ err: error }, what),
  });
  queueSweep.start();
  closers.add(() => queueSweep.close());
  const retention = createRetention(
    {
      pool: database.pool,
      now: Date.now,
      onDeleted(what, rows) {
        metrics.deleted(what, rows);
        log.info({ what, rows }, "what is kept no longer was deleted");
      },
      onError: (error, what) => log.warn({ err: error, what }, "what is kept no longer stays"),
    },
    keep,
  );
  retention.start();
  closers.add(() => retention.close());
}

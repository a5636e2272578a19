import type { LaneRate } from "@yardmaster/kernel";
import type { AttemptRow } from "../../src/engine/attempt-row.ts";
import type { RunOp } from "../../src/engine/commit/run-op.types.ts";
import type { Tables } from "../model/index.ts";
import { keyOf, nameOf } from "./child.ts";

export interface LaneCheckDeps {
  readonly tables: Pick<Tables, "queues" | "leases">;
  readonly now: () => number;
  readonly breach: (what: string) => void;
}

/** Whether no lane's limit is exceeded, no order of a key broken, and nothing of a paused lane given out. */
export function createLaneCheck({ tables, now, breach }: LaneCheckDeps) {
  /** Runs in the order in which they came to each key of a lane. */
  const lines = new Map<string, string[]>();
  /** Starts in lanes with a rate, and which were counted. */
  const starts = new Map<string, number[]>();
  const counted = new Set<string>();
  const pausedSince = new Map<string, number>();

  function stand(runId: string, queue: string, key: string): void {
    const name = `${queue}/${key}`;
    const line = lines.get(name) ?? [];
    lines.set(name, line);
    if (!line.includes(runId)) line.push(runId);
  }

  function leased(runId: string, queue: string, key: string | null): void {
    if (queue === "" || key === null || tables.queues.get(queue)?.fifo !== true) return;
    const first = lines.get(`${queue}/${key}`)?.[0];
    if (first !== runId)
      breach(`run ${runId} was served before ${first}, which came first before ${queue}/${key}`);
  }

  /** In no stretch of the rate's time more than it allows: each start against the one that is so many before it. */
  function checkRate(queue: string, { starts: most, perMs }: LaneRate): void {
    const times = starts.get(queue) ?? [];
    starts.set(queue, times);
    for (const [key, { queue: lane, leasedAt }] of tables.leases) {
      if (lane !== queue || counted.has(key)) continue;
      counted.add(key);
      const before = times[times.length - most];
      times.push(leasedAt);
      if (before !== undefined && leasedAt - before < perMs)
        breach(`${most + 1} attempts started in ${queue} within ${leasedAt - before} ms`);
    }
  }

  function checkKeys(queue: string, busy: readonly { key: string | null }[], most: number): void {
    const counts = new Map<string, number>();
    for (const { key } of busy) if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1);
    for (const [key, count] of counts)
      if (count > most)
        breach(`${count} attempts are leased for ${queue}/${key}, which allows ${most}`);
  }

  return {
    /** An op that has become durable. */
    written({ runId, dispatch }: RunOp): void {
      for (const row of dispatch) {
        if (row.key !== null && row.queue !== "") stand(runId, row.queue, row.key);
        if (row.state === "leased") leased(runId, row.queue, row.key);
      }
    },
    ended(runId: string): void {
      for (const line of lines.values()) {
        const at = line.indexOf(runId);
        if (at >= 0) line.splice(at, 1);
      }
    },
    /** `begunAt`: when the claim began. */
    claimed(attempt: AttemptRow, begunAt: number): void {
      const row = tables.leases.get(keyOf(attempt));
      if (row === undefined) return;
      leased(attempt.runId, row.queue, row.key);
      if ((pausedSince.get(row.queue) ?? begunAt) < begunAt)
        breach(`${nameOf(row)} was leased in ${row.queue}, which is paused`);
    },
    paused(lane: string): void {
      if (!pausedSince.has(lane)) pausedSince.set(lane, now());
    },
    resumed(lane: string): void {
      pausedSince.delete(lane);
    },
    checkLimits(): void {
      for (const [queue, limits] of tables.queues) {
        if (limits.rate) checkRate(queue, limits.rate);
        const busy = [...tables.leases.values()].filter((row) => row.queue === queue);
        if (limits.concurrency !== null && busy.length > limits.concurrency)
          breach(
            `${busy.length} attempts are leased in ${queue}, which allows ${limits.concurrency}`,
          );
        if (limits.keyConcurrency !== null) checkKeys(queue, busy, limits.keyConcurrency);
      }
    },
  };
}

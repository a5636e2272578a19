import { parseSlotKey } from "@yardmaster/kernel";
import type { Database } from "../db/index.ts";
import {
  type ClaimedRow,
  claimKeyedLane,
  claimLane,
  claimReady,
  leasedInLane,
  lockLane,
  waitingLanes,
} from "./claim.store.ts";
import type { DefinitionSource } from "./engine.types.ts";
import type { Assignment, RunnerKind } from "./worker.ts";

export interface ClaimsDeps {
  readonly database: Database;
  readonly definitions: DefinitionSource;
  readonly sessionId: () => string;
  readonly now: () => number;
}

type Free = { readonly [R in RunnerKind]: number };

/** Leases ready attempts for this process's session. */
export function createClaims(deps: ClaimsDeps) {
  const { pool } = deps.database;

  async function claim(runner: RunnerKind, limit: number): Promise<Assignment[]> {
    return await assignments(await claimReady(pool, deps.sessionId(), runner, limit));
  }

  async function claimLanes(free: Free): Promise<Assignment[]> {
    const left = { ...free };
    const claimed: ClaimedRow[] = [];
    for (const queue of await waitingLanes(pool)) {
      for (const runner of ["core", "process"] as const) {
        if (left[runner] === 0) continue;
        const rows = await admit(queue, runner, left[runner]);
        left[runner] -= rows.length;
        claimed.push(...rows);
      }
    }
    return await assignments(claimed);
  }

  /** Admission: counts and leases under the lane's lock, so that no limit is exceeded by two who count at once. */
  function admit(queue: string, runner: RunnerKind, limit: number): Promise<ClaimedRow[]> {
    return deps.database.withTransaction(async (client) => {
      const limits = await lockLane(client, queue);
      const room =
        limits.concurrency === null
          ? limit
          : limits.concurrency - (await leasedInLane(client, queue));
      const count = Math.min(limit, room);
      if (count <= 0) return [];
      if (!limits.fifo && limits.keyConcurrency === null) {
        return await claimLane(client, deps.sessionId(), queue, runner, count);
      }
      return await claimKeyedLane(client, deps.sessionId(), queue, runner, count, limits);
    });
  }

  async function assignments(rows: readonly ClaimedRow[]): Promise<Assignment[]> {
    const leasedAt = deps.now();
    return await Promise.all(
      rows.map(async ({ runId, slot, number, input, ref, packDigest, traceparent }) => {
        const workflow = await deps.definitions.pinned(ref, packDigest);
        const id = parseSlotKey(slot).step;
        const step = workflow.steps.find((candidate) => candidate.id === id);
        if (step === undefined)
          throw new Error(`run ${runId} has no step "${id}" in the pack it pins (c5n8)`);
        return { runId, slot, number, step, input, traceparent, leasedAt };
      }),
    );
  }

  return { claim, claimLanes };
}

export type Claims = ReturnType<typeof createClaims>;

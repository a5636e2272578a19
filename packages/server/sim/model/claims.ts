import { admit, type LaneLimits } from "@yardmaster/kernel";
import type { ClaimedRow, Claimer } from "../../src/engine/claim.store.ts";
import type { DispatchLine, Tables } from "./tables.ts";
import type { Breakage } from "./write-ops.ts";

const NO_LIMITS: LaneLimits = { concurrency: null, keyConcurrency: null, fifo: false };

/** `claimReady`, and the claims of a lane under its lock: the same rows leased as in claim.store.ts. */
export function claim(
  tables: Tables,
  { sessionId, claimId }: Claimer,
  queue: string,
  runner: string,
  limit: number,
  nowMs: number,
  live: boolean,
  broken: Breakage = {},
): ClaimedRow[] {
  if (!live) return [];
  const picked = pick(tables, queue, runner, limit, broken);
  for (const row of picked) {
    row.state = "leased";
    row.session = sessionId;
    row.claimId = claimId;
    row.leasedAt = nowMs;
  }
  return picked.map((row) => claimed(tables, row));
}

/** What would be leased now. */
export function pick(
  tables: Tables,
  queue: string,
  runner: string,
  limit: number,
  broken: Breakage = {},
): DispatchLine[] {
  const rows = [...tables.dispatch.values()].filter((row) => row.queue === queue);
  const ready = rows.filter(
    (row) => row.state === "ready" && row.runner === runner && (!row.stop || broken.stopFlag),
  );
  const leased = rows.filter((row) => row.state === "leased").map((row) => row.key);
  const limits = queue === "" ? NO_LIMITS : (tables.queues.get(queue) ?? NO_LIMITS);
  const head = (key: string): string | undefined =>
    tables.queueKeys.find((line) => line.queue === queue && line.key === key)?.runId;
  const kept = broken.fifo === true ? { ...limits, fifo: false } : limits;
  return admit({ limits: kept, ready, leased, head }, limit);
}

export function waitingLanes(tables: Tables): string[] {
  const lanes = new Set<string>();
  for (const row of tables.dispatch.values())
    if (row.state === "ready" && row.queue !== "") lanes.add(row.queue);
  return [...lanes].sort();
}

export function leasedByClaims(
  tables: Tables,
  sessionId: string,
  claimIds: readonly string[],
): (ClaimedRow & { readonly claimId: string })[] {
  return [...tables.dispatch.values()].flatMap((row) =>
    row.session === sessionId && row.claimId !== null && claimIds.includes(row.claimId)
      ? [{ ...claimed(tables, row), claimId: row.claimId }]
      : [],
  );
}

export function claimed(tables: Tables, row: DispatchLine): ClaimedRow {
  const { runId, slot, number, input } = row;
  const birth = tables.runs.get(runId)?.birth;
  if (birth === undefined) throw new Error(`run ${runId} has an attempt but is not live (m5c2)`);
  const { ref, packDigest, traceparent } = birth;
  return { runId, slot, number, input: JSON.parse(input), ref, packDigest, traceparent };
}

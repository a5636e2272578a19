import type { Pool } from "pg";
import { deleteOldAuditEntries } from "./audit/index.ts";
import {
  deleteOldChanges,
  deleteOldLogs,
  deleteOldRuns,
  deleteOldSessions,
} from "./engine/index.ts";
import { deleteOldEvents } from "./events/index.ts";
import { deleteOldKeptAnswers } from "./idempotency/index.ts";
import { deleteOldDeliveries, deleteOldDeliveryKeys } from "./inbox/index.ts";
import { deleteOldCallKeys, deleteOldNodes, deleteOldNodeTokens } from "./nodes/index.ts";
import { deleteOldDecisions } from "./rules/index.ts";
import { sweepIdempotencyKeys } from "./runs/index.ts";
import { deleteOldSensorLogs } from "./sensors/index.ts";
import type { Settings } from "./settings/index.ts";
import { deleteOldStepFiles } from "./step-files/index.ts";
import { deleteOldFinds } from "./trackers/index.ts";
import { deleteOldIssues, deleteOldItems } from "./work/index.ts";

/** Deletes what is older, at most so many rows; says how many. */
type Sweep = (pool: Pool, before: Date, limit: number) => Promise<number>;

/** Followers of the stream that were away for longer read anew what they show. */
const FEED_MS = 24 * 3_600_000;
/** A request that comes again later is another one. */
const CALL_KEYS_MS = 24 * 3_600_000;
const KEPT_ANSWERS_MS = 24 * 3_600_000;
/** Files go with their run; what is younger may be on its way to one. */
const STEP_FILES_MS = 24 * 3_600_000;
/** A start has other work first. */
const FIRST_AFTER_MS = 300_000;
const EVERY_MOST_MS = 3_600_000;
const EVERY_LEAST_MS = 60_000;
/** However shortly deliveries are kept: what a sender repeats within a day is told from what is new. */
const DUPLICATES_MS = 24 * 3_600_000;
/** A statement deletes so many rows: some 50 ms, so that nothing waits for it and the feed's horizon moves on. */
const BATCH = 2_000;

export interface RetentionDeps {
  readonly pool: Pool;
  readonly now: () => number;
  readonly onDeleted: (what: string, rows: number) => void;
  readonly onError: (error: unknown, what: string) => void;
}

/** Every hour; more often where something is kept for so short a time that an hour would double it. */
export function sweepEveryMs(keep: Settings["keep"]): number {
  const shortestMs = Math.min(...Object.values(keep).filter((keptMs) => keptMs !== undefined));
  return Math.min(Math.max(shortestMs / 4, EVERY_LEAST_MS), EVERY_MOST_MS);
}

function duplicatesMs({ deliveriesMs }: Settings["keep"]): number | undefined {
  return deliveriesMs === undefined ? undefined : Math.max(deliveriesMs, DUPLICATES_MS);
}

/** Removes what is kept no longer, again and again. Several processes may do it at once. */
export function createRetention(deps: RetentionDeps, keep: Settings["keep"]) {
  const sweeps: readonly [string, number | undefined, Sweep][] = [
    ["logs", keep.logsMs, deleteOldLogs],
    ["logs of sensors", keep.logsMs, deleteOldSensorLogs],
    ["deliveries", keep.deliveriesMs, deleteOldDeliveries],
    ["delivery keys", duplicatesMs(keep), deleteOldDeliveryKeys],
    ["runs", keep.runsMs, deleteOldRuns],
    ["work items", keep.runsMs, deleteOldItems],
    ["issues", keep.runsMs, deleteOldIssues],
    ["sessions", keep.runsMs, deleteOldSessions],
    ["files of steps", STEP_FILES_MS, deleteOldStepFiles],
    ["decisions", keep.eventsMs, deleteOldDecisions],
    ["events", keep.eventsMs, deleteOldEvents],
    ["finds in trackers", keep.eventsMs, deleteOldFinds],
    ["audit", keep.auditMs, deleteOldAuditEntries],
    ["nodes", keep.nodesMs, deleteOldNodes],
    ["node tokens", keep.nodesMs, deleteOldNodeTokens],
    ["call keys", CALL_KEYS_MS, deleteOldCallKeys],
    ["kept answers", KEPT_ANSWERS_MS, deleteOldKeptAnswers],
    ["changes", FEED_MS, deleteOldChanges],
  ];
  const everyMs = sweepEveryMs(keep);
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;
  let closed = false;

  async function sweepAll(what: string, before: Date, sweep: Sweep): Promise<void> {
    let rows = 0;
    let batch = BATCH;
    while (batch === BATCH && !closed) {
      batch = await sweep(deps.pool, before, BATCH);
      rows += batch;
    }
    if (rows > 0) deps.onDeleted(what, rows);
  }

  async function runOnce(): Promise<void> {
    for (const [what, keptMs, sweep] of sweeps) {
      if (keptMs === undefined) continue;
      const before = new Date(deps.now() - keptMs);
      await sweepAll(what, before, sweep).catch((error: unknown) => deps.onError(error, what));
    }
    await sweepIdempotencyKeys(deps.pool).catch((error: unknown) =>
      deps.onError(error, "idempotency keys"),
    );
  }

  function plan(inMs: number): void {
    if (closed) return;
    timer = setTimeout(() => {
      round = runOnce();
      void round.then(() => plan(everyMs));
    }, inMs);
    timer.unref();
  }

  return {
    runOnce,
    start: () => plan(Math.min(FIRST_AFTER_MS, everyMs)),
    async close(): Promise<void> {
      closed = true;
      clearTimeout(timer);
      await round;
    },
  };
}

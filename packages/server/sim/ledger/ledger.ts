import type { WorkflowDefinition } from "@yardmaster/kernel";
import { isFinal, type RunStatus } from "@yardmaster/protocol";
import type { AttemptRow } from "../../src/engine/attempt-row.ts";
import type { RunOp } from "../../src/engine/commit/run-op.types.ts";
import type { StoredRun } from "../../src/engine/keeper/keeper.store.ts";
import type { Tables } from "../model/index.ts";
import type { World } from "../world.ts";
import { createAbandonCheck } from "./abandon-check.ts";
import { createAttemptCheck } from "./attempt-check.ts";
import { checkEnd } from "./check-end.ts";
import { checkTries } from "./check-tries.ts";
import { keyOf } from "./child.ts";
import { createInquiryCheck } from "./inquiry-check.ts";
import { createLaneCheck } from "./lane-check.ts";
import { createPauseCheck } from "./pause-check.ts";
import { createWorkerCheck } from "./worker-check.ts";

const MOST_BREACHES = 20;

/**
 * The outside ledger of a history: what really ran and what was promised, held against what the store records.
 * Every breach of what the engine must keep is a line of `breaches`; a history without one is a good history.
 */
export function createLedger(
  world: World,
  tables: Tables,
  { isCalm, calmFromMs }: { readonly isCalm: boolean; readonly calmFromMs: number },
) {
  const breaches: string[] = [];
  const counts = { attempts: 0, lost: 0, overlaps: 0, ended: 0, abandoned: 0, givenBack: 0 };
  const versions = new Map<string, number>();
  const finals = new Map<string, string>();
  const acknowledged = new Set<string>();
  const canceled = new Set<string>();
  const { now } = world;
  const attempts = createAttemptCheck({
    ...{ world, breach, counts, isCalm },
    isBorn: (runId) => versions.has(runId),
    isEnded: (runId) => finals.has(runId),
  });
  const { hasResult, wasGivenBack } = attempts;
  const lanes = createLaneCheck({ tables, now, breach });
  const pauses = createPauseCheck({ now, breach, calmFromMs });
  const abandons = createAbandonCheck(tables, breach, counts);
  const inquiries = createInquiryCheck(tables, breach);
  const workers = createWorkerCheck({ tables, now, breach, hasResult });

  function breach(what: string): void {
    world.trace(() => `BREACH ${what}`);
    if (breaches.length < MOST_BREACHES)
      breaches.push(`at ${(world.now() / 1000).toFixed(3)} s: ${what}`);
  }

  function checkVersion({ runId, expected }: RunOp): void {
    if (finals.has(runId)) breach(`run ${runId} was changed after it had ended`);
    const version = versions.get(runId) ?? 0;
    if (version !== expected)
      breach(`run ${runId} went from version ${version} to ${expected + 1}`);
    versions.set(runId, expected + 1);
  }

  function ended(runId: string, status: string): void {
    counts.ended++;
    finals.set(runId, status);
    if (!isFinal(status as RunStatus)) breach(`run ${runId} ended with the status ${status}`);
    lanes.ended(runId);
  }

  return {
    breaches,
    counts,
    breach,
    /** A process of an attempt was started. */
    start: attempts.started,
    children: attempts.children,
    /** What a flush wrote, told when it is durable. */
    committed(ops: readonly RunOp[], written: ReadonlySet<string>, host: string): void {
      for (const op of ops) {
        if (!written.has(op.runId)) continue;
        checkVersion(op);
        pauses.written(op);
        abandons.written(op);
        attempts.written(op, host);
        lanes.written(op);
        inquiries.written(op);
        if (op.finish !== undefined) ended(op.runId, op.finish.status);
      }
      lanes.checkLimits();
    },
    /** `begunAt`: when the claim began. */
    claimed(rows: readonly AttemptRow[], begunAt: number): void {
      for (const row of rows) {
        pauses.started(row.runId, keyOf(row), begunAt);
        lanes.claimed(row, begunAt);
      }
      lanes.checkLimits();
    },
    /** A worker gave back what its machine could not begin. */
    givesBack(attempt: AttemptRow, life: string, capacity: number): void {
      attempts.notBegun(attempt);
      workers.gaveBack(life, capacity);
    },
    lanePaused: lanes.paused,
    laneResumed: lanes.resumed,
    killed: workers.killed,
    checkRecovery: workers.checkRecovery,
    acknowledge: (runId: string) => acknowledged.add(runId),
    acknowledgeCancel: (runId: string) => canceled.add(runId),
    asked: abandons.asked,
    answered: inquiries.answered,
    checkTries(runId: string, stored: StoredRun, workflow: WorkflowDefinition): void {
      const run = { id: runId, stored, ended: finals.get(runId) };
      checkTries({ breach, wasGivenBack }, run, workflow);
    },
    /** Whether every run that is known has ended. */
    quiet: () => tables.runs.size === 0 && [...acknowledged].every((runId) => finals.has(runId)),
    /** What is left to be checked when everything has ended, or should have. */
    close(): void {
      checkEnd(tables, { acknowledged, canceled, finals }, breach);
      inquiries.close();
    },
  };
}

export type Ledger = ReturnType<typeof createLedger>;

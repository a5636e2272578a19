import type { RunEvent } from "@yardmaster/kernel";
import { isDefinitionMissing } from "../keeper/definition-of.ts";
import type { Posted } from "../keeper/posted.ts";
import { createRecovery, type RecoveryDeps } from "./recovery.ts";
import type { SchedulerStore } from "./scheduler.store.ts";
import { createSetAside } from "./set-aside.ts";
import { createTellRuns } from "./tell-runs.ts";
import type { Timers } from "./timers.ts";

/** How often it looks when nothing is known to be due. */
const LOOK_EVERY_MS = 1_500;
const SWEEP_EVERY_MS = 60_000;
const BATCH = 1_000;
/** How long a due timer waits whose run cannot be told, since its definition is not there. */
const PUT_OFF_MS = 30_000;

export interface SchedulerDeps extends Omit<RecoveryDeps, "store" | "untold" | "tellRuns"> {
  readonly store: SchedulerStore;
  readonly timers: Timers;
  readonly post: (runId: string, event: RunEvent) => Promise<Posted>;
  /** Starts, stops and tells of runs that are steps of others, where a dead process has left that undone. */
  readonly sweepChildren: () => Promise<void>;
  /** Sees to cancels that were asked of a process without the run's definition. */
  readonly endAsked: () => Promise<void>;
  readonly canceledEvent: (slot: string, number: number) => RunEvent;
  readonly onReady: () => void;
  readonly onOthers: (count: number) => void;
  readonly monotonicMs: () => number;
}

/**
 * Recovery and time, as one continuous scan: due timers fire, due retries become ready, sessions that are over are
 * ended, what they held is lost and given out again. Any number of processes may scan at once; the run's version
 * decides who is first. `runOnce` does one round and says when the next has something to do.
 */
export function createScheduler(deps: SchedulerDeps) {
  const { store } = deps;
  const untold = createSetAside(deps.monotonicMs);
  const tellRuns = createTellRuns({ ...deps, untold });
  const recovery = createRecovery({ ...deps, untold, tellRuns });
  let cancelTimer = (): void => {};
  let round: Promise<void> | undefined;
  let nextAt = Number.POSITIVE_INFINITY;
  let sweptAt = Number.NEGATIVE_INFINITY;
  /** Whether nothing is left of what a process of an older build did before. */
  let isTakenBack = false;
  let open = false;

  async function runOnce(): Promise<number> {
    const outlook = await store.readOutlook(deps.sessionId(), deps.host);
    deps.onOthers(outlook.others);
    if (outlook.otherBuilds) isTakenBack = false;
    const isDue = outlook.dueInMs !== null && outlook.dueInMs <= 0;
    const isStuck = isDue && !(await fireDue());
    if ((await recovery.endSessions(outlook)) || outlook.lost) await recovery.recover();
    if (outlook.stopped) await endStopped();
    if (outlook.asked) await deps.endAsked();
    if (outlook.children) await deps.sweepChildren();
    if (outlook.ready) deps.onReady();
    if (deps.monotonicMs() - sweptAt > SWEEP_EVERY_MS) {
      sweptAt = deps.monotonicMs();
      await store.sweepSessions();
      if (!isTakenBack) await takeBack();
    }
    if (isStuck) return LOOK_EVERY_MS;
    return Math.min(LOOK_EVERY_MS, Math.max(outlook.dueInMs ?? LOOK_EVERY_MS, 0));
  }

  /** Only a process of an older build leaves such rows: one beside this, or one before it. */
  async function takeBack(): Promise<void> {
    const count = await store.readyResumed(BATCH);
    isTakenBack = count < BATCH;
    if (count > 0) deps.onReady();
  }

  /** False: there are timers that could not be told of. */
  async function fireDue(): Promise<boolean> {
    if ((await store.readyDelayed(BATCH)) > 0) deps.onReady();
    const due = await store.dueTimers(BATCH);
    if (due.length > 0) deps.onPoint?.("timers.found");
    const { failed } = await tellRuns(due, ({ slot, number }) => ({
      ...{ type: "timer_due", slot, number, at: deps.now() },
    }));
    const missing = failed.flatMap(({ row, error }) => (isDefinitionMissing(error) ? [row] : []));
    if (missing.length > 0) await store.putOffTimers(missing, PUT_OFF_MS);
    return failed.length === 0;
  }

  async function endStopped(): Promise<void> {
    const stopped = await store.stoppedAttempts(BATCH, untold.ids());
    await tellRuns(stopped, ({ slot, number }) => deps.canceledEvent(slot, number));
  }

  function plan(inMs: number): void {
    if (!open) return;
    const at = deps.monotonicMs() + inMs;
    if (at >= nextAt) return;
    nextAt = at;
    // During a round it is remembered: what was inserted since the round looked must not wait for the next look.
    if (round !== undefined) return;
    cancelTimer();
    cancelTimer = deps.timers.after(inMs, () => {
      nextAt = Number.POSITIVE_INFINITY;
      round = once();
    });
  }

  async function once(): Promise<void> {
    let next = LOOK_EVERY_MS;
    try {
      next = await runOnce();
    } catch (error) {
      deps.onError(error, "the scheduler could not look; trying again");
    }
    round = undefined;
    const wanted = Math.min(next, nextAt - deps.monotonicMs());
    nextAt = Number.POSITIVE_INFINITY;
    plan(Math.max(wanted, 1));
  }

  return {
    runOnce,
    start(): void {
      open = true;
      plan(0);
    },
    /** Something will be due in so many milliseconds; the scan wakes for it. */
    due(inMs: number): void {
      plan(Math.max(inMs, 0) + 1);
    },
    async close(): Promise<void> {
      open = false;
      cancelTimer();
      await round;
    },
  };
}

export type Scheduler = ReturnType<typeof createScheduler>;

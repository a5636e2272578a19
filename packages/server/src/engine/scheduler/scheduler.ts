import type { AttemptPlace, RunEvent } from "@yardmaster/kernel";
import { isDefinitionMissing } from "../keeper/definition-of.ts";
import type { Posted } from "../keeper/posted.ts";
import type { OnPoint } from "../points.ts";
import type {
  AttemptRow,
  LostInstants,
  LostLease,
  Outlook,
  SchedulerStore,
} from "./scheduler.store.ts";
import { createSetAside } from "./set-aside.ts";
import type { Timers } from "./timers.ts";

/** How often it looks when nothing is known to be due. */
const LOOK_EVERY_MS = 1_500;
const SWEEP_EVERY_MS = 60_000;
const BATCH = 1_000;
/** How long a due timer waits whose run cannot be told, since its definition is not there. */
const PUT_OFF_MS = 30_000;

export interface SchedulerDeps {
  readonly store: SchedulerStore;
  readonly timers: Timers;
  readonly host: string;
  readonly sessionId: () => string;
  /** Whether this process's own session has been unbroken long enough to judge others by their silence. */
  readonly mayJudge: () => boolean;
  readonly isAlive: (pid: number, processStart: string) => boolean;
  /** Ends what a gone worker of this machine left running, before its work is given out again. */
  readonly killOrphans: (sessionId: string) => Promise<number>;
  readonly post: (runId: string, event: RunEvent) => Promise<Posted>;
  /** The open instant attempts of a run that an ended session was at. */
  readonly openInstants: (runId: string, sessionId: string) => Promise<readonly AttemptPlace[]>;
  /** Starts, stops and tells of runs that are steps of others, where a dead process has left that undone. */
  readonly sweepChildren: () => Promise<void>;
  /** Sees to cancels that were asked of a process without the run's definition. */
  readonly endAsked: () => Promise<void>;
  readonly canceledEvent: (slot: string, number: number) => RunEvent;
  readonly onReady: () => void;
  readonly onOthers: (count: number) => void;
  readonly onRecovered: (lost: number, sessionId: string) => void;
  readonly onPoint?: OnPoint | undefined;
  readonly onError: (error: unknown, what: string) => void;
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
}

/**
 * Recovery and time, as one continuous scan: due timers fire, due retries become ready, sessions that are over are
 * ended, what they held is lost and given out again. Any number of processes may scan at once; the run's version
 * decides who is first. `runOnce` does one round and says when the next has something to do.
 */
export function createScheduler(deps: SchedulerDeps) {
  const { store } = deps;
  const cleared = new Set<string>();
  /** Runs that could not be told of what became of their attempts. */
  const untold = createSetAside(deps.monotonicMs);
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
    const isDue = outlook.dueInMs !== null && outlook.dueInMs <= 0;
    const isStuck = isDue && !(await fireDue());
    if ((await endSessions(outlook)) || outlook.lost) await recover();
    if (outlook.stopped) await endStopped();
    if (outlook.asked) await deps.endAsked();
    if (outlook.children) await deps.sweepChildren();
    if (outlook.ready) deps.onReady();
    if (deps.monotonicMs() - sweptAt > SWEEP_EVERY_MS) {
      sweptAt = deps.monotonicMs();
      await store.sweepSessions();
      if (outlook.otherBuilds || !isTakenBack) await takeBack();
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
    const { failed } = await postAll(due, ({ slot, number }) => ({
      ...{ type: "timer_due", slot, number, at: deps.now() },
    }));
    const missing = failed.flatMap(({ row, error }) => (isDefinitionMissing(error) ? [row] : []));
    if (missing.length > 0) await store.putOffTimers(missing, PUT_OFF_MS);
    return failed.length === 0;
  }

  async function endSessions(outlook: Outlook): Promise<boolean> {
    const gone = outlook.neighbours.filter(
      ({ pid, processStart }) => !deps.isAlive(pid, processStart),
    );
    if (gone.length > 0) await store.endGone(gone.map(({ id }) => id));
    // After an outage everybody's session looks expired; who was away himself waits until the others could renew.
    const expired =
      outlook.expired && deps.mayJudge() ? await store.endExpired(deps.sessionId()) : [];
    if (gone.length + expired.length > 0) deps.onPoint?.("recovery.ended_sessions");
    return gone.length + expired.length > 0;
  }

  async function recover(): Promise<void> {
    const lost = await store.lostLeases(BATCH, untold.ids());
    if (lost.length > 0) deps.onPoint?.("recovery.found_lost");
    for (const [sessionId, leases] of bySession(lost)) {
      if (leases[0]?.host === deps.host && !cleared.has(sessionId)) {
        await deps.killOrphans(sessionId);
        cleared.add(sessionId);
      }
      const { gone } = await postAll(leases, (lease) =>
        lostEvent(lease, Date.parse(lease.leasedAt)),
      );
      if (gone.length > 0) await store.dropLost(gone);
      deps.onPoint?.("recovery.posted_lost");
      deps.onRecovered(leases.length, sessionId);
    }
    await Promise.all((await store.lostInstants(BATCH, untold.ids())).map(recoverInstants));
  }

  async function recoverInstants(lost: LostInstants): Promise<void> {
    const { runId, sessionId } = lost;
    try {
      const open = await deps.openInstants(runId, sessionId);
      await postAll(
        open.map((attempt) => ({ ...attempt, runId, sessionId })),
        (attempt) => lostEvent(attempt),
      );
      await store.clearInstants(lost);
      if (open.length > 0) deps.onRecovered(open.length, sessionId);
    } catch (error) {
      untold.note(runId, error);
      deps.onError(error, `run ${runId} could not be recovered; trying again`);
    }
  }

  function lostEvent(
    { slot, number, sessionId }: AttemptPlace & { readonly sessionId: string },
    startedAt?: number,
  ): RunEvent {
    return {
      type: "attempt_ended",
      slot,
      number,
      status: "lost",
      ...(startedAt === undefined ? {} : { startedAt }),
      at: deps.now(),
      worker: sessionId,
      random: deps.random(),
    };
  }

  async function endStopped(): Promise<void> {
    const stopped = await store.stoppedAttempts(BATCH, untold.ids());
    await postAll(stopped, ({ slot, number }) => deps.canceledEvent(slot, number));
  }

  /** Gives those that could not be told, and why, and those whose run is gone. */
  async function postAll<Row extends AttemptRow>(
    rows: readonly Row[],
    event: (row: Row) => RunEvent,
  ): Promise<{ readonly failed: { row: Row; error: unknown }[]; readonly gone: Row[] }> {
    const failed: { row: Row; error: unknown }[] = [];
    const gone: Row[] = [];
    await Promise.all(
      rows.map((row) =>
        deps.post(row.runId, event(row)).then(
          (posted) => {
            if (posted === "gone") gone.push(row);
          },
          (error: unknown) => {
            failed.push({ row, error });
            untold.note(row.runId, error);
            deps.onError(error, `run ${row.runId} could not be told`);
          },
        ),
      ),
    );
    return { failed, gone };
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

function bySession(leases: readonly LostLease[]): Map<string, LostLease[]> {
  const groups = new Map<string, LostLease[]>();
  for (const lease of leases) {
    const group = groups.get(lease.sessionId);
    if (group === undefined) groups.set(lease.sessionId, [lease]);
    else group.push(lease);
  }
  return groups;
}

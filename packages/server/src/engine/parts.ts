import type { AttemptPlace } from "@yardmaster/kernel";
import type { AskedCancelStore } from "./abandon/asked-cancels.store.ts";
import { createAskedCancels } from "./abandon/asked-cancels.ts";
import type { AttemptRow } from "./attempt-row.ts";
import type { ChildStore } from "./children/children.store.ts";
import { createChildren } from "./children/children.ts";
import type { Unit, UnitOutcome } from "./commit/flush.ts";
import type { DefinitionSource } from "./engine.types.ts";
import { createInstantBacklog, type InstantBacklogDeps } from "./instants/instant-backlog.ts";
import { openInstants } from "./instants/instants.ts";
import type { AfterCommitDeps } from "./keeper/after-commit.ts";
import { createKeeper, type Keeper, type KeeperDeps } from "./keeper/keeper.ts";
import type { OnPoint } from "./points.ts";
import { createReadyWork } from "./ready-work.ts";
import type { SchedulerStore } from "./scheduler/scheduler.store.ts";
import { createScheduler, type SchedulerDeps } from "./scheduler/scheduler.ts";
import type { Timers } from "./scheduler/timers.ts";
import { createSession, type SessionStore } from "./sessions/session.ts";
import type { SessionRow } from "./sessions/sessions.store.ts";
import type { Claims } from "./worker/claims.ts";
import type { Hint } from "./worker/wakeups.ts";
import { createWorker, type WorkerDeps, type WorkerOptions } from "./worker/worker.ts";

/** Hints may be lost: what is stopped or ready elsewhere is looked for as often as the session is renewed. */
const LOOK_EVERY_MS = 2_000;

/** Everything the parts need of the world: a database and a clock, or a simulator. */
export interface PartsPorts {
  readonly sessions: SessionStore;
  readonly schedule: SchedulerStore;
  readonly load: KeeperDeps["load"];
  readonly readyInstants: InstantBacklogDeps["read"];
  readonly stoppedUnleased: (runId: string) => Promise<AttemptPlace[]>;
  readonly children: ChildStore;
  readonly asked: AskedCancelStore;
  readonly stopsForSession: (sessionId: string) => Promise<AttemptRow[]>;
  /** Each call of these is for the session of that moment. */
  readonly submit: (unit: Unit) => Promise<UnitOutcome>;
  readonly claims: Claims;
  readonly carryOut: WorkerDeps["carryOut"];
  readonly definitions: DefinitionSource;
  readonly isAlive: SchedulerDeps["isAlive"];
  readonly killOrphans: SchedulerDeps["killOrphans"];
  readonly timers: Timers;
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
  readonly newId: () => string;
}

export interface PartsEvents {
  readonly onHint: (hint: Hint) => void;
  readonly onEnd: AfterCommitDeps["onEnd"];
  readonly traceEnd?: AfterCommitDeps["traceEnd"];
  readonly onSessionEnded: (sessionId: string) => void;
  /** What this process holds by its session, others may have already. */
  readonly onGivenUp?: (() => void) | undefined;
  readonly onRecovered: SchedulerDeps["onRecovered"];
  /** Attempts may be ready that nodes are to carry out. */
  readonly onNodesReady: () => void;
  /** This attempt is to be stopped, or (undefined) some of another process. */
  readonly onStop: (attempt: AttemptRow | undefined) => void;
  readonly onError: (error: unknown, what: string) => void;
  readonly onPoint?: OnPoint | undefined;
}

export interface PartsOptions {
  readonly identity: Omit<SessionRow, "id">;
  readonly contested: boolean;
  readonly capacity: WorkerOptions["capacity"];
  readonly maxInputBytes: KeeperDeps["maxInputBytes"];
}

/** The parts of the engine that decide, wired to each other: session, worker, keeper and scheduler of one process. */
export function createParts(ports: PartsPorts, events: PartsEvents, options: PartsOptions) {
  const { timers, now, monotonicMs, random, newId, definitions } = ports;
  const { onError, onPoint } = events;
  const { roles, host } = options.identity;
  // Who does not look for others itself has somebody beside it that schedules.
  let others = roles.includes("scheduler") ? 0 : 1;
  let cancelLook = (): void => {};

  const session = createSession({
    store: ports.sessions,
    timers,
    identity: options.identity,
    resting: () => worker.resting(),
    newId,
    monotonicMs,
    contested: options.contested,
    onDoubt: giveUp,
    onEnded: async () => {
      events.onSessionEnded(session.id());
      giveUp();
      await ports.killOrphans(session.id());
      keeper.forget();
    },
    onError,
    onPoint,
  });
  const worker = createWorker(
    {
      carryOut: ports.carryOut,
      ...ports.claims,
      post: (runId, event) => keeper.post(runId, event),
      onError,
      onPoint,
      sessionId: session.id,
      mayTake: () => !session.isInDoubt(),
      timers,
      now,
      monotonicMs,
      random,
    },
    { capacity: options.capacity },
  );
  const instantBacklog = createInstantBacklog({
    read: ports.readyInstants,
    carryOutAll: (batch) => keeper.postInstants(batch),
    others: () => others,
    ...{ random, timers, onError },
  });
  const readyWork = createReadyWork({ worker, instantBacklog, ...events });
  const children = createChildren({
    store: ports.children,
    post: (runId, event) => keeper.post(runId, event),
    start: (child) => keeper.startChild(child),
    onError,
    now,
    monotonicMs,
    random,
  });
  const askedCancels = createAskedCancels({
    store: ports.asked,
    post: (runId, event) => keeper.post(runId, event),
    others: () => others,
    onError,
    now,
  });
  const keeper: Keeper = createKeeper({
    children,
    asked: ports.asked,
    submit: ports.submit,
    definitions,
    maxInputBytes: options.maxInputBytes,
    load: ports.load,
    stoppedUnleased: ports.stoppedUnleased,
    livingSession: session.living,
    sessionId: session.id,
    worker: {
      ...worker,
      backlog: readyWork.waits,
      stop(runId, slot, number) {
        worker.stop(runId, slot, number);
        events.onStop({ runId, slot, number });
        events.onHint("stop");
      },
    },
    onLaneFreed: readyWork.lanesFreed,
    onResumed: readyWork.all,
    onDue: (delayMs) => scheduler.due(delayMs),
    onEnd: events.onEnd,
    traceEnd: events.traceEnd,
    onPoint,
    now,
    monotonicMs,
    random,
    newId,
  });
  const scheduler = createScheduler({
    store: ports.schedule,
    timers,
    host,
    sessionId: session.id,
    mayJudge: session.mayJudge,
    isAlive: ports.isAlive,
    killOrphans: ports.killOrphans,
    post: keeper.post,
    openInstants: (runId, sessionId) => openInstants(ports, runId, sessionId),
    canceledEvent: keeper.canceledEvent,
    sweepChildren: children.sweep,
    endAsked: askedCancels.runOnce,
    onReady: () => {
      readyWork.here();
      events.onNodesReady();
    },
    onOthers: (count) => {
      others = count;
    },
    onRecovered: events.onRecovered,
    onError,
    onPoint,
    now,
    monotonicMs,
    random,
  });

  function giveUp(): void {
    worker.breakOff();
    events.onGivenUp?.();
  }

  async function applyStops(): Promise<void> {
    for (const { runId, slot, number } of await ports.stopsForSession(session.id()))
      worker.stop(runId, slot, number);
  }

  function look(): void {
    cancelLook = timers.after(LOOK_EVERY_MS, () => {
      look();
      // Alone, too: a stop that comes while its attempt is being claimed finds nothing running yet.
      if (worker.running().length > 0) void applyStops().catch(() => undefined);
      // A scheduler tells its own worker what it finds ready.
      if (roles.includes("scheduler")) return;
      readyWork.here();
      // It alone may have the definition of what it runs.
      void askedCancels.runOnce().catch(() => undefined);
    });
  }

  return {
    session,
    worker,
    keeper,
    scheduler,
    askedCancels,
    readyWork,
    /** Living sessions besides this one, as of the last look. */
    others: () => others,
    /** Another process says that something waits. */
    onHints(payload: string): void {
      for (const hint of payload.split(",") as Hint[]) {
        if (hint === "stop") {
          void applyStops().catch(() => undefined);
          events.onStop(undefined);
        } else if (hint === "joined") others = Math.max(others, 1);
        else readyWork.hinted(hint);
      }
    },
    /** After `session.start()`. */
    async start(): Promise<void> {
      look();
      if (roles.includes("scheduler")) await scheduler.runOnce();
      if (roles.includes("worker")) {
        worker.start();
        instantBacklog.start();
      }
      if (roles.includes("scheduler")) scheduler.start();
    },
    /** Takes nothing new and lets what runs end, for `graceMs`; what it came to is handed to the writer. */
    async drain(graceMs: number): Promise<void> {
      cancelLook();
      // Beside each other: what waits for PostgreSQL must not put off the grace of what runs.
      await Promise.all([scheduler.close(), instantBacklog.close(), worker.drain(graceMs)]);
      await keeper.idle();
    },
  };
}

export type Parts = ReturnType<typeof createParts>;

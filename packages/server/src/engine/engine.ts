import type { Database } from "../db/index.ts";
import { isSameProcess } from "../db/index.ts";
import { killOrphansOfSession, type Runners, type WorkFolders } from "../runners/index.ts";
import { createCarryOut } from "./carry-out.ts";
import { createClaims } from "./claims.ts";
import { type CommitQueue, createCommitQueue } from "./commit-queue.ts";
import { createEnds } from "./ends.ts";
import type { DefinitionSource, Engine } from "./engine.types.ts";
import { createFeed } from "./feed.ts";
import { loadRun, stoppedUnleased } from "./keeper.store.ts";
import { createKeeper, type Keeper } from "./keeper.ts";
import { createLogWriter } from "./log-writer.ts";
import type { OnPoint } from "./points.ts";
import {
  type QueueDepthView,
  selectEnded,
  selectQueueDepths,
  upsertQueues,
} from "./reading.store.ts";
import { createReading } from "./reading.ts";
import { stopsForSession } from "./scheduler.store.ts";
import { createScheduler } from "./scheduler.ts";
import { createSession } from "./session.ts";
import { endPredecessors, livingSessions, type SessionView } from "./sessions.store.ts";
import { WAKE_CHANNEL } from "./wakeups.store.ts";
import { createWakeups } from "./wakeups.ts";
import { createWorker } from "./worker.ts";

export interface EngineOptions {
  readonly roles: readonly ("api" | "worker" | "scheduler")[];
  /** Name of the machine, the same for all its processes. */
  readonly host: string;
  readonly pid: number;
  readonly processStart: string;
  /** This process holds the data folder's lock: earlier owners are gone. */
  readonly owner: boolean;
  /** Attempts carried out at once. */
  readonly capacity: { readonly core: number; readonly process: number };
}

export interface EngineDeps {
  readonly database: Database;
  readonly definitions: DefinitionSource;
  readonly runners: Runners;
  readonly workFolders: WorkFolders;
  readonly log: {
    warn(details: object, message: string): void;
    info(details: object, message: string): void;
    error(details: object, message: string): void;
  };
  readonly newId: () => string;
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
  /** Told at each named point; for crash tests. */
  readonly onPoint?: OnPoint | undefined;
}

export interface QueueLimits {
  readonly name: string;
  readonly concurrency: number | null;
  readonly keyConcurrency: number | null;
  readonly fifo: boolean;
}

export interface RunningEngine extends Engine {
  setQueues(queues: readonly QueueLimits[]): Promise<void>;
  sessions(): Promise<SessionView[]>;
  /** Attempts by lane; the lane without a name is "". */
  queueDepths(): Promise<QueueDepthView[]>;
  readonly counters: CommitQueue["counters"];
  /**
   * Takes nothing new, lets what runs end for `graceMs`, breaks off the rest (it is given out again at once),
   * flushes, and ends the session.
   */
  close(graceMs: number): Promise<void>;
}

/** Starts this process's part of the engine, by its roles. */
export async function createEngine(
  deps: EngineDeps,
  options: EngineOptions,
): Promise<RunningEngine> {
  const { database, definitions } = deps;
  const { pool } = database;
  let others = 0;
  const onError = (error: unknown, what: string): void => deps.log.warn({ err: error }, what);

  const session = createSession({
    pool,
    connect: () => database.connectHot("yard-session"),
    identity: {
      host: options.host,
      pid: options.pid,
      processStart: options.processStart,
      roles: options.roles,
      owner: options.owner,
    },
    newId: deps.newId,
    monotonicMs: deps.monotonicMs,
    contested: !database.embedded,
    onDoubt: () => worker.breakOff(),
    onEnded: async () => {
      deps.log.warn(
        { session: session.id() },
        "this process's session was ended; what it ran is given up",
      );
      worker.breakOff();
      await killOrphansOfSession(session.id());
      keeper.forget();
    },
    onError,
    onPoint: deps.onPoint,
  });
  const queue = createCommitQueue({
    connect: () => database.connectHot("yard-commit"),
    sessionId: session.id,
    onError,
    onPoint: deps.onPoint,
  });
  const logs = createLogWriter(pool, onError);
  const feed = createFeed(pool);
  const ends = createEnds({
    endedAmong: (ids) => selectEnded(pool, ids),
    read: (id) => reading.run(id),
    others: () => others,
  });
  const wakeups = createWakeups(pool, () => others);
  const claims = createClaims({ database, definitions, sessionId: session.id, now: deps.now });
  const worker = createWorker(
    {
      carryOut: createCarryOut({
        runners: deps.runners,
        packFolder: definitions.packFolder,
        workFolders: deps.workFolders,
        session: session.id,
        log: logs.append,
        flushLog: logs.flush,
      }),
      claim: claims.claim,
      claimLanes: claims.claimLanes,
      post: (runId, event) => keeper.post(runId, event),
      onError,
      onPoint: deps.onPoint,
      worker: session.id,
      now: deps.now,
      random: deps.random,
    },
    { capacity: options.capacity },
  );
  const keeper: Keeper = createKeeper({
    submit: async (unit) => {
      const outcome = await queue.submit(unit);
      feed.poke();
      return outcome;
    },
    definitions,
    load: (runId) => loadRun(pool, runId, { ended: false }),
    stoppedUnleased: (runId) => stoppedUnleased(pool, runId),
    session: session.living,
    worker: {
      ...worker,
      backlog(runner, lane) {
        worker.backlog(runner, lane);
        wakeups.hint("ready");
      },
      stop(runId, slot, number) {
        worker.stop(runId, slot, number);
        wakeups.hint("stop");
      },
    },
    onLaneFreed: () => {
      worker.backlog("process", "*");
      wakeups.hint("ready");
    },
    onDue: (delayMs) => scheduler.due(delayMs),
    onEnd: ends.told,
    now: deps.now,
    random: deps.random,
    newId: deps.newId,
  });
  const scheduler = createScheduler({
    pool,
    host: options.host,
    sessionId: session.id,
    mayJudge: session.mayJudge,
    isAlive: (pid, startId) => isSameProcess({ pid, startId }),
    killOrphans: killOrphansOfSession,
    post: keeper.post,
    canceledEvent: keeper.canceledEvent,
    onReady: () => worker.poll(),
    onOthers: (count) => {
      others = count;
    },
    onRecovered: (lost, sessionId) =>
      deps.log.info(
        { lost, session: sessionId },
        "attempts of an ended session are given out again",
      ),
    onError,
    onPoint: deps.onPoint,
    now: deps.now,
    random: deps.random,
  });
  const reading = createReading({ pool, definitions, keeper, ends, now: deps.now });

  async function applyStops(): Promise<void> {
    for (const { runId, slot, number } of await stopsForSession(pool, session.id()))
      worker.stop(runId, slot, number);
  }

  await session.start();
  if (options.owner) await endPredecessors(pool, session.id());
  const wake = await database.listen(
    WAKE_CHANNEL,
    (payload) => {
      if (payload.includes("ready")) worker.poll();
      if (payload.includes("stop")) void applyStops().catch(() => undefined);
    },
    { onReconnect: () => worker.poll() },
  );
  // The hint may be lost: what was stopped elsewhere is looked for as often as the session is renewed.
  const stopsTimer = setInterval(() => {
    if (others > 0 && worker.running().length > 0) void applyStops().catch(() => undefined);
  }, 2_000);
  if (options.roles.includes("scheduler")) await scheduler.runOnce();
  if (options.roles.includes("worker")) worker.start();
  if (options.roles.includes("scheduler")) scheduler.start();

  return {
    prepare: keeper.prepare,
    commit: keeper.commit,
    ...reading,
    feed,
    counters: queue.counters,
    setQueues: (queues) => upsertQueues(pool, queues),
    sessions: () => livingSessions(pool),
    queueDepths: () => selectQueueDepths(pool),
    async close(graceMs) {
      await scheduler.close();
      clearInterval(stopsTimer);
      await worker.drain(graceMs);
      await keeper.idle();
      await logs.close();
      await queue.close();
      wakeups.close();
      feed.close();
      await wake.stop();
      await session.close();
    },
  };
}

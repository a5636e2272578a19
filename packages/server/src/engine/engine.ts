import type { Pool } from "pg";
import { createRepeats, isGone, kindOf } from "../db/index.ts";
import { killOrphansOfSession } from "../runners/index.ts";
import { createCommitQueue } from "./commit/commit-queue.ts";
import { selectFeedLagMs } from "./feed/feed.store.ts";
import { createFeed } from "./feed/feed.ts";
import { createInquiries } from "./inquiries/inquiries.ts";
import { createAsking } from "./keeper/asking.ts";
import { loadRun } from "./keeper/keeper.store.ts";
import { prepareRetry } from "./keeper/retry.ts";
import { createDeclaredQueues } from "./lanes/declared-queues.ts";
import { createLaneTimer } from "./lanes/lane-timer.ts";
import { createLanes } from "./lanes/lanes.ts";
import { createNodeSessionStore, nodeNames } from "./node-work/node-sessions.store.ts";
import { createNodeWork, NODE_SESSION_MS } from "./node-work/node-work.ts";
import { createParts } from "./parts.ts";
import { postgresPorts } from "./postgres-ports.ts";
import { createEnds } from "./reading/ends.ts";
import type { ExplainTarget } from "./reading/explain-live.ts";
import { selectEnded } from "./reading/reading.store.ts";
import { createReading } from "./reading/reading.ts";
import { logEnd } from "./reading/told-end.ts";
import type { EngineDeps, EngineOptions, RunningEngine } from "./running-engine.types.ts";
import { processTimers } from "./scheduler/timers.ts";
import { createProcesses } from "./sessions/processes.ts";
import { endPredecessors, livingSessions } from "./sessions/sessions.store.ts";
import { createStopping } from "./stopping.ts";
import type { TakeSpans } from "./trace/span.ts";
import { createTraceEnds } from "./trace/trace-ends.ts";
import { createAttemptWork } from "./worker/attempt-work.ts";
import { createLogWriter } from "./worker/log-writer.ts";
import { notifyWake, WAKE_CHANNEL } from "./worker/wakeups.store.ts";
import { createWakeups } from "./worker/wakeups.ts";

const MAX_INPUT_BYTES = 1_024 * 1_024;

/** Starts this process's part of the engine, by its roles. */
export async function createEngine(
  deps: EngineDeps,
  options: EngineOptions,
): Promise<RunningEngine> {
  const { database, definitions } = deps;
  const { pool } = database;
  const repeat = createRepeats({ monotonicMs: deps.monotonicMs });
  const onError = (error: unknown, what: string): void => {
    const leftOut = repeat(kindOf(what, error));
    if (leftOut === undefined) return;
    deps.log.warn({ err: error, ...(leftOut > 0 && { left_out: leftOut }) }, what);
  };
  const sessionId = (): string => parts.session.id();

  const queue = createCommitQueue({
    connect: () => database.connectHot("yard-commit"),
    sessionId,
    hasNeighbours: () => parts.others() > 0,
    onError,
    onFlush: deps.onFlush,
    onPoint: deps.onPoint,
  });
  const { processes, url } = createProcesses({ pool, id: sessionId, others: () => parts.others() });
  const givenUp = new AbortController();
  const givingUp = new Set<() => void>();
  const logs = createLogWriter(pool, onError, givenUp.signal);
  const feed = createFeed(pool);
  const ends = createEnds({
    endedAmong: (ids) => selectEnded(pool, ids),
    read: (id) => reading.run(id),
    others: () => parts.others(),
  });
  const wakeups = createWakeups(pool, () => parts.others());
  const laneTimer = createLaneTimer({ timers: processTimers, monotonicMs: deps.monotonicMs }, () =>
    parts.readyWork.lanesFreed(),
  );
  const attemptWork = createAttemptWork({
    ...{ ...deps, logs, onError },
    onHeld: laneTimer.heldFor,
    onPutBack: () => parts.readyWork.all(),
  });
  const nodeWork = createNodeWork(
    {
      store: createNodeSessionStore(pool),
      claims: (id) => attemptWork.claims(() => id),
      carryOut: (id, work) => attemptWork.carryOut(() => id, { ...deps.runners, work }),
      post: (runId, event) => keeper.post(runId, event),
      onHeld: laneTimer.heldFor,
      timers: processTimers,
      now: deps.now,
      monotonicMs: deps.monotonicMs,
      random: deps.random,
      newId: deps.newId,
      onError,
    },
    { lifeMs: options.nodeSessionMs ?? NODE_SESSION_MS },
  );
  const parts = createParts(
    {
      ...postgresPorts(database, givenUp.signal),
      submit: async (unit) => {
        const outcome = await queue.submit(unit);
        feed.poke();
        return outcome;
      },
      claims: attemptWork.claims(sessionId),
      carryOut: attemptWork.carryOut(sessionId, deps.runners, () => parts.session.sure()),
      definitions,
      isAlive: (pid, startId) => !isGone({ pid, startId }),
      killOrphans: killOrphansOfSession,
      timers: processTimers,
      now: deps.now,
      monotonicMs: deps.monotonicMs,
      random: deps.random,
      newId: deps.newId,
    },
    {
      onHint: wakeups.hint,
      onNodesReady: () => nodeWork.wake(),
      onStop: (attempt) =>
        attempt === undefined
          ? nodeWork.applyAllStops()
          : nodeWork.stop(attempt.runId, attempt.slot, attempt.number),
      onEnd(id, ended, read) {
        ends.told(id, read);
        deps.onRunEnd?.(ended);
        logEnd(deps.log, ended.status, read);
      },
      traceEnd: deps.takeSpans && traceEndsTo(pool, deps.takeSpans),
      onGivenUp() {
        for (const listener of givingUp) listener();
      },
      onSessionEnded: (id) =>
        deps.log.warn({ session: id }, "this process's session was ended; what it ran is given up"),
      onRecovered: (lost, id) =>
        deps.log.info({ lost, session: id }, "attempts of an ended session are given out again"),
      onError,
      onPoint: deps.onPoint,
    },
    {
      identity: {
        host: options.host,
        pid: options.pid,
        processStart: options.processStart,
        roles: options.roles,
        owner: options.owner,
        version: options.version,
        get url() {
          return url();
        },
      },
      contested: !database.embedded,
      capacity: options.capacity,
      maxInputBytes: options.maxInputBytes ?? MAX_INPUT_BYTES,
    },
  );
  const { keeper } = parts;
  let explainTarget: ExplainTarget = async () => ({ chain: [], unblock: ["yard node list"] });
  const reading = createReading({
    ...{ pool, definitions, keeper, ends },
    explainTarget: (target, attempt) => explainTarget(target, attempt),
  });
  const { run } = reading;

  await parts.session.start();
  if (options.owner) await endPredecessors(pool, sessionId());
  // Before it listens itself: whoever was alone sends hints from now on, and not only when it next looks around.
  await notifyWake(pool, "joined");
  const wake = await database.listen(WAKE_CHANNEL, parts.onHints, {
    onReconnect: () => parts.readyWork.here(),
  });
  await parts.start();
  const stopping = createStopping(
    {
      drain: parts.drain,
      breakOff: parts.worker.breakOff,
      running: parts.worker.running,
      giveUp(why) {
        queue.giveUp(why);
        parts.session.giveUp();
        givenUp.abort(why);
      },
      log: deps.log,
    },
    options.handOverMs,
  );

  return {
    prepare: keeper.prepare,
    prepareRetry: (runId, request) =>
      prepareRetry(
        {
          load: (id) => loadRun(pool, id, { ended: true }),
          ...{ definitions, newId: deps.newId },
          giveFiles: deps.stepFiles.giveAll,
        },
        runId,
        request,
      ),
    commit: keeper.commit,
    ...reading,
    ...createAsking({
      ...{ pool, definitions, keeper, run, now: deps.now },
      askedCancels: parts.askedCancels,
    }),
    ...createInquiries({ pool, definitions, keeper, now: deps.now }),
    ...createLanes(pool),
    ...createDeclaredQueues(pool, () => parts.readyWork.all()),
    feed,
    feedLagMs: () => selectFeedLagMs(pool),
    nodeWork: {
      open: nodeWork.open,
      explainBy: (explain) => {
        explainTarget = explain;
      },
    },
    counters: queue.counters,
    reach: queue.reach,
    sessions: () => livingSessions(pool),
    processes,
    onGivenUp(listener) {
      givingUp.add(listener);
      return () => givingUp.delete(listener);
    },
    drain: stopping.drain,
    hurry: stopping.hurry,
    abandon: stopping.abandon,
    async close(graceMs) {
      await nodeWork.close();
      await stopping.drain(graceMs);
      await keeper.idle();
      await deps.runners.close?.();
      await logs.close();
      await queue.close();
      laneTimer.close();
      wakeups.close();
      feed.close();
      await wake.stop();
      await parts.session.close();
      stopping.over();
    },
  };
}

function traceEndsTo(pool: Pool, take: TakeSpans): ReturnType<typeof createTraceEnds> {
  return createTraceEnds({ take, nodeNames: (sessionIds) => nodeNames(pool, sessionIds) });
}

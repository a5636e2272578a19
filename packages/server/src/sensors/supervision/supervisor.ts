import type { SensorDefinition } from "@yardmaster/kernel";
import type { SensorExit } from "@yardmaster/protocol";
import { isConnectionLoss } from "../../db/index.ts";
import type { Change, CommitUnit, RunningEngine, Timers } from "../../engine/index.ts";
import { coalesced, type Packs } from "../../packs/index.ts";
import type { CurrentRules, Rules } from "../../rules/index.ts";
import type { Claim, Claimed, FailedRun, Fenced, SensorRow } from "../sensors.store.ts";
import { ALERT_AFTER, afterFailure, WELL_AFTER_MS } from "./back-off.ts";
import { type Demand, demandOf, notWanted, reasonOf } from "./demand.ts";
import { failurePart } from "./failure-part.ts";
import type { SensorRun, SensorRunEnd, SensorRunOptions } from "./sensor-run.ts";

/** What the supervisor asks of the store; each waits for PostgreSQL where it says so. */
export interface SupervisorStore {
  read(refs: readonly string[]): Promise<readonly SensorRow[]>;
  add(refs: readonly string[]): Promise<void>;
  claim(claim: Claim): Promise<Claimed | undefined>;
  /** Waits for PostgreSQL. */
  running(of: Fenced, how: { readonly pid: number; readonly reason: string }): Promise<void>;
  recovered(of: Fenced): Promise<void>;
  /** Waits for PostgreSQL. */
  release(of: Fenced, reason: string): Promise<void>;
  settle(row: Pick<SensorRow, "ref" | "session">, reason: string): Promise<void>;
}

export interface SupervisorDeps {
  readonly packs: Pick<Packs, "sensors" | "onLook">;
  readonly rules: Pick<Rules, "current">;
  readonly engine: Pick<RunningEngine, "commit" | "processes" | "onGivenUp">;
  readonly store: SupervisorStore;
  /** Starts a process of a sensor. */
  readonly run: (
    of: Fenced,
    options: SensorRunOptions,
    onRunning: (pid: number) => Promise<void>,
  ) => SensorRun;
  /** Ends what a gone worker of this machine has left running. */
  readonly killOrphans: (session: string) => Promise<unknown>;
  readonly timers: Timers;
  readonly now: () => number;
  readonly log: {
    info(details: object, message: string): void;
    warn(details: object, message: string): void;
  };
  readonly onError: (error: unknown, what: string) => void;
}

/** A sensor that this process has. */
interface Owned extends Fenced {
  readonly sensor: SensorDefinition;
  readonly demand: Demand;
  readonly restarts: number;
  /** Absent while it rests after a failure. */
  run: SensorRun | undefined;
  failures: number;
  alerted: boolean;
  /** How its process ended is being written. */
  isSettling: boolean;
  /** Why it is being stopped. */
  stopping: string | undefined;
  /** Others have it, or may: what is left of it here only has to end. */
  isLost: boolean;
  cancelTimer: () => void;
  /** Called once nothing of it is left here. */
  onGone: () => void;
}

export interface Supervisor {
  /** One look at what is to run, and what does. For tests; it looks by itself. */
  look(): Promise<void>;
  /** Stops all sensors of this process in order, for `graceMs`; others take them over. Whoever asks again waits for the same. */
  close(graceMs: number): Promise<void>;
  /** Ends the grace of a close that has begun. */
  hurry(): void;
}

/** So often it looks while a sensor that is wanted is with another worker: when that dies, somebody is to start it in 10 s. */
const WATCH_EVERY_MS = 1_000;
/** What has not been stored so long after the grace of a stop is given up. */
const HAND_OVER_MS = 10_000;
const STOPPED_WORKER = "its worker has stopped; another one starts it";

/**
 * Runs the sensors that are wanted and that no other worker has. What is to run follows from what is in force, at each
 * look: packs declare sensors, rules that are on listen to them, people pause them. Who runs one follows from its row:
 * a worker takes it with the next fence (see `claimSensor`), and keeps it until it is not to run, or its own session
 * ends. With no sensor in any active pack it does nothing at all.
 */
export function createSupervisor(deps: SupervisorDeps): Supervisor {
  const { packs, rules, engine, store, timers, log } = deps;
  const owned = new Map<string, Owned>();
  let cancelWatch = (): void => {};
  let closing = false;
  /** Changed code, or a restart that somebody asked for: what failed before counts no longer. */
  const fresh = new Set<string>();

  const look = coalesced(async () => {
    const declared = packs.sensors();
    if (closing || declared.length + owned.size === 0) return;
    const current = await rules.current();
    const refs = new Set([...declared.map(({ ref }) => ref), ...owned.keys()]);
    const rows = await rowsOf([...refs]);
    for (const one of owned.values()) keepOrStop(one, rows.get(one.ref), declared, current);
    const free = [...rows.values()].filter(({ ref }) => !owned.has(ref));
    const ended = await endedAmong(free);
    for (const row of free) await takeOrSettle(row, ended, declared, current);
    watch([...rows.values()].some(({ ref, session }) => session !== null && !owned.has(ref)));
  });

  async function rowsOf(refs: readonly string[]): Promise<Map<string, SensorRow>> {
    let rows = await store.read(refs);
    const missing = refs.filter((ref) => !rows.some((row) => row.ref === ref));
    if (missing.length > 0) {
      await store.add(missing);
      rows = await store.read(refs);
    }
    return new Map(rows.map((row) => [row.ref, row]));
  }

  /** Sessions of these rows that are gone for good. This process's own is no one else's. */
  async function endedAmong(rows: readonly SensorRow[]): Promise<ReadonlySet<string>> {
    const own = engine.processes.id();
    const sessions = rows.flatMap(({ session }) =>
      session === null || session === own ? [] : [session],
    );
    if (sessions.length === 0) return new Set();
    return new Set(await engine.processes.endedAmong([...new Set(sessions)]));
  }

  function keepOrStop(
    one: Owned,
    row: SensorRow | undefined,
    declared: readonly SensorDefinition[],
    current: CurrentRules,
  ): void {
    if (one.stopping !== undefined || one.isLost) return;
    if (row === undefined || row.fence !== one.fence) return lose(one);
    const sensor = declared.find(({ ref }) => ref === one.ref);
    const why = notWanted(sensor, row.paused_by, current);
    if (why !== undefined) return stop(one, why);
    if (row.restarts !== one.restarts)
      return startAnew(one, "somebody asked for it to be started anew");
    if (sensor?.packDigest !== one.sensor.packDigest)
      return startAnew(one, "its pack has changed: it is started anew with the new code");
    const { listened } = demandOf(sensor, current);
    if (listened.some((type) => !one.demand.listened.includes(type)))
      stop(one, "a rule listens to another of its events now: it is started anew and told so");
  }

  function startAnew(one: Owned, why: string): void {
    fresh.add(one.ref);
    stop(one, why);
  }

  /** In order. One that rests has nothing to end. */
  function stop(one: Owned, why: string): void {
    one.stopping = why;
    one.cancelTimer();
    log.info({ sensor: one.ref, why }, "sensor stops");
    if (one.run !== undefined) one.run.stop(why);
    else if (!one.isSettling) void free(one, why);
  }

  /** Nobody has it any more: whoever looks next starts it, where it is wanted. */
  async function free(one: Owned, why: string): Promise<void> {
    await store
      .release(one, why)
      .catch((error: unknown) => deps.onError(error, "a sensor could not be released"));
    forget(one);
  }

  /** It has another process by now, or nobody can say: its process here ends at once. */
  function lose(one: Owned): void {
    if (one.isLost) return;
    one.isLost = true;
    one.cancelTimer();
    if (one.run === undefined) return forget(one);
    const lines = one.run.giveUp();
    const what = "a sensor is not this worker's any more; its process here is ended";
    log.warn({ sensor: one.ref, lines_lost: lines }, what);
  }

  function forget(one: Owned): void {
    if (owned.get(one.ref) === one) owned.delete(one.ref);
    one.onGone();
    poke();
  }

  async function takeOrSettle(
    row: SensorRow,
    ended: ReadonlySet<string>,
    declared: readonly SensorDefinition[],
    current: CurrentRules,
  ): Promise<void> {
    const { ref, session } = row;
    const own = engine.processes.id();
    if (session !== null && session !== own && !ended.has(session)) return;
    const sensor = declared.find((one) => one.ref === ref);
    const why = notWanted(sensor, row.paused_by, current);
    if (why === undefined && sensor !== undefined) return await take(sensor, row, current);
    if (session !== null) await store.settle(row, why ?? "");
  }

  async function take(
    sensor: SensorDefinition,
    row: SensorRow,
    current: CurrentRules,
  ): Promise<void> {
    const { ref, session: seen } = row;
    const own = engine.processes.id();
    const demand = demandOf(sensor, current);
    const reason = reasonOf(sensor, demand);
    const isFresh = fresh.has(ref);
    const claimed = await store.claim({
      ...{ ref, session: own, seen, revision: current.revision, reason, isFresh },
    });
    if (claimed === undefined) return;
    fresh.delete(ref);
    if (seen !== null && seen !== own) await deps.killOrphans(seen);
    const { fence, cursor, failures, alerted, restarts } = claimed;
    const of = { ref, fence };
    const run = deps.run(of, { sensor, cursor, listened: demand.listened, session: own }, (pid) =>
      store.running(of, { pid, reason }),
    );
    const one: Owned = {
      ...{ ...of, sensor, demand, restarts, run, failures, alerted },
      isSettling: false,
      stopping: undefined,
      isLost: false,
      onGone: () => {},
      cancelTimer: timers.after(WELL_AFTER_MS, () => recovered(one)),
    };
    owned.set(ref, one);
    log.info({ sensor: ref, fence }, "sensor starts");
    void run.ended.then((end) => ended(one, end));
    // Told to stop, or its session ended, while it was being taken.
    if (closing) stop(one, STOPPED_WORKER);
    else if (own !== engine.processes.id()) lose(one);
  }

  function recovered(one: Owned): void {
    if (one.failures === 0 && !one.alerted) return;
    one.failures = 0;
    one.alerted = false;
    log.info({ sensor: one.ref }, "sensor runs well again");
    void store
      .recovered(one)
      .catch((error: unknown) => deps.onError(error, "that a sensor is well could not be noted"));
  }

  async function ended(one: Owned, end: SensorRunEnd): Promise<void> {
    one.cancelTimer();
    one.run = undefined;
    if (one.isLost) return forget(one);
    if (end.kind === "fenced") return lose(one);
    if (one.stopping !== undefined) return await free(one, one.stopping);
    if (end.kind === "failed") await failed(one, end);
  }

  async function failed(one: Owned, end: SensorRunEnd & { kind: "failed" }): Promise<void> {
    const { ref, fence } = one;
    const { failures, alerted, isAlert, againInMs } = afterFailure(one, end.ranMs);
    one.failures = failures;
    one.alerted = alerted;
    const { code, signal, stderr, how } = end;
    const exit: SensorExit = { code, signal, stderr, at: new Date(deps.now()).toISOString() };
    const times = failures === 1 ? "" : `, ${failures} times in a row`;
    const reason = `it ${how}${times}; it is started again ${againInMs / 1_000} s later`;
    log[isAlert ? "warn" : "info"](
      { sensor: ref, failures, code, signal, stderr, again_in_ms: againInMs },
      isAlert ? `a sensor has failed ${ALERT_AFTER} times in a row` : "sensor ended by itself",
    );
    const row: FailedRun = { ref, fence, failures, alerted, exit, reason, againInMs };
    const announce = isAlert ? [failingChange(row, how)] : [];
    one.isSettling = true;
    const settled = await commit({ part: { kind: failurePart, row }, runs: [], announce });
    one.isSettling = false;
    if (one.isLost) return;
    if (one.stopping !== undefined) return await free(one, one.stopping);
    if (settled !== "done") return lose(one);
    // Then it is nobody's but by its row, and is taken like one that is new.
    one.cancelTimer = timers.after(againInMs, () => forget(one));
  }

  async function commit(unit: CommitUnit & { part: { kind: typeof failurePart; row: FailedRun } }) {
    try {
      return await engine.commit(unit);
    } catch (error) {
      deps.onError(error, "the end of a sensor could not be noted");
      return "lost" as const;
    }
  }

  /** While PostgreSQL is away everything stays as it is. */
  function lookSafely(): void {
    void look().catch((error: unknown) => {
      if (!isConnectionLoss(error))
        deps.onError(error, "sensors could not be looked at; trying again");
    });
  }

  function poke(): void {
    if (!closing) lookSafely();
  }

  function watch(isNeeded: boolean): void {
    cancelWatch();
    cancelWatch = isNeeded && !closing ? timers.after(WATCH_EVERY_MS, poke) : () => {};
  }

  const unlook = packs.onLook(poke);
  const unheed = engine.onGivenUp(() => {
    for (const one of [...owned.values()]) lose(one);
  });
  poke();

  return {
    look,
    async close(graceMs) {
      closing = true;
      cancelWatch();
      unlook();
      await look().catch(() => undefined);
      const left = [...owned.values()];
      const gone = Promise.all(left.map(untilGone));
      for (const one of left) if (one.stopping === undefined) stop(one, STOPPED_WORKER);
      const cancelKill = timers.after(graceMs, () => hurryAll());
      const cancelGiveUp = timers.after(graceMs + HAND_OVER_MS, () => {
        for (const one of [...owned.values()]) lose(one);
      });
      await gone;
      cancelKill();
      cancelGiveUp();
      unheed();
    },
    hurry: hurryAll,
  };

  function untilGone(one: Owned): Promise<void> {
    return new Promise((resolve) => {
      one.onGone = resolve;
    });
  }

  function hurryAll(): void {
    for (const { run } of owned.values()) run?.hurry();
  }
}

function failingChange({ ref, failures, exit }: FailedRun, how: string): Change {
  const { code, signal, stderr } = exit;
  return {
    type: "sensor.failing",
    id: ref,
    sensor: ref,
    failures,
    code,
    signal,
    reason: how,
    stderr,
  };
}

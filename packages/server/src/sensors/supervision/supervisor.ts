import type { SensorDefinition } from "@yardmaster/kernel";
import { isConnectionLoss } from "../../db/index.ts";
import type { RunningEngine } from "../../engine/index.ts";
import { coalesced, type Packs } from "../../packs/index.ts";
import type { CurrentRules, Rules } from "../../rules/index.ts";
import type { Claim, Claimed, Fenced, SensorRow } from "../sensors.store.ts";
import { demandOf, notWanted, reasonOf } from "./demand.ts";
import { type HeldSensor, type HoldDeps, holdSensor } from "./held-sensor.ts";
import type { SensorRun, SensorRunOptions } from "./sensor-run.ts";

/** What the supervisor asks of the store; each waits for PostgreSQL where it says so. */
export type SupervisorStore = HoldDeps["store"] & {
  read(refs: readonly string[]): Promise<readonly SensorRow[]>;
  add(refs: readonly string[]): Promise<void>;
  claim(claim: Claim): Promise<Claimed | undefined>;
  /** Waits for PostgreSQL. */
  running(of: Fenced, how: { readonly pid: number; readonly reason: string }): Promise<void>;
  settle(row: Pick<SensorRow, "ref" | "session">, reason: string): Promise<void>;
};

export interface SupervisorDeps extends Omit<HoldDeps, "store" | "engine"> {
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
}

export interface Supervisor {
  /** One look at what is to run, and what does. For tests; it looks by itself. */
  look(): Promise<void>;
  /** Stops all sensors of this process in order, for `graceMs`; others take them over. Whoever asks again waits for the same. */
  close(graceMs: number): Promise<void>;
  /** Ends the grace of a close that has begun. */
  hurry(): void;
}

/** What a look is about: what is declared and what is wanted, of one moment. */
interface Wanted {
  readonly declared: readonly SensorDefinition[];
  readonly current: CurrentRules;
}

/** So often it looks while a sensor that is wanted is with another worker: when that dies, somebody is to start it in 10 s. */
const WATCH_EVERY_MS = 1_000;
/** What has not been stored so long after the grace of a stop is given up. */
const HAND_OVER_MS = 10_000;
const STOPPED_WORKER = "its worker stops; another one starts it";

/**
 * Runs the sensors that are wanted and that no other worker has. What is to run follows from what is in force, at each
 * look: packs declare sensors, rules that are on listen to them, people pause them. Who runs one follows from its row:
 * a worker takes it with the next fence (see `claimSensor`), and keeps it until it is not to run, or its own session
 * ends. With no sensor in any active pack it does nothing at all.
 */
export function createSupervisor(deps: SupervisorDeps): Supervisor {
  const { packs, rules, engine, store, timers } = deps;
  const held = new Map<string, HeldSensor>();
  /** Changed code, or a restart that somebody asked for: what failed before counts no longer. */
  const fresh = new Set<string>();
  let cancelWatch = (): void => {};
  let cancelGiveUp = (): void => {};
  let closing = false;

  const look = coalesced(async () => {
    const declared = packs.sensors();
    if (closing || declared.length + held.size === 0) return;
    const wanted = { declared, current: await rules.current() };
    const rows = await rowsOf(declared.map(({ ref }) => ref));
    for (const one of held.values()) keepOrStop(one, rows.get(one.ref), wanted);
    const others = [...rows.values()].filter(({ ref }) => !held.has(ref));
    const ended = await endedAmong(others);
    for (const row of others) await takeOrSettle(row, ended, wanted);
    watch([...rows.values()].some(({ ref, session }) => session !== null && !held.has(ref)));
  });

  /** Of these and those that are held. Of the held, one that is forgotten has none, and gets none. */
  async function rowsOf(declared: readonly string[]): Promise<ReadonlyMap<string, SensorRow>> {
    const refs = [...new Set([...declared, ...held.keys()])];
    let rows = await store.read(refs);
    const missing = declared.filter((ref) => !rows.some((row) => row.ref === ref));
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
    one: HeldSensor,
    row: SensorRow | undefined,
    { declared, current }: Wanted,
  ): void {
    if (one.isEnding()) return;
    if (row?.fence !== one.fence) return one.lose();
    const sensor = declared.find(({ ref }) => ref === one.ref);
    const why = notWanted(sensor, row.paused_by, current);
    if (why !== undefined || sensor === undefined) return one.stop(why ?? "");
    if (row.restarts !== one.claimed.restarts)
      return startAnew(one, "somebody asked for it to be started anew");
    if (sensor.packDigest !== one.sensor.packDigest)
      return startAnew(one, "its pack has changed: it is started anew with the new code");
    const { listened } = demandOf(sensor, current);
    if (listened.some((type) => !one.listened.includes(type)))
      one.stop("a rule listens to another of its events now: it is started anew and told so");
  }

  function startAnew(one: HeldSensor, why: string): void {
    fresh.add(one.ref);
    one.stop(why);
  }

  async function takeOrSettle(
    row: SensorRow,
    ended: ReadonlySet<string>,
    { declared, current }: Wanted,
  ): Promise<void> {
    const { ref, session } = row;
    if (session !== null && session !== engine.processes.id() && !ended.has(session)) return;
    const sensor = declared.find((one) => one.ref === ref);
    const why = notWanted(sensor, row.paused_by, current);
    if (why === undefined && sensor !== undefined) await take(sensor, row, current);
    else if (session !== null) await store.settle(row, why ?? "");
  }

  async function take(
    sensor: SensorDefinition,
    { ref, session: seen }: SensorRow,
    current: CurrentRules,
  ): Promise<void> {
    const session = engine.processes.id();
    const demand = demandOf(sensor, current);
    const reason = reasonOf(sensor, demand);
    const isFresh = fresh.has(ref);
    const { revision } = current;
    const claimed = await store.claim({ ref, session, seen, revision, reason, isFresh });
    if (claimed === undefined) return;
    fresh.delete(ref);
    if (seen !== null && seen !== session) await deps.killOrphans(seen);
    const of = { ref, fence: claimed.fence };
    const { listened } = demand;
    const run = deps.run(of, { sensor, cursor: claimed.cursor, listened, session }, (pid) =>
      store.running(of, { pid, reason }),
    );
    deps.log.info({ sensor: ref, fence: of.fence }, "sensor starts");
    const one = holdSensor(deps, { ...of, sensor, listened, claimed, run });
    held.set(ref, one);
    void one.gone.then(() => {
      held.delete(ref);
      poke();
    });
    // Told to stop, or its session ended, while it was being taken.
    if (closing) one.stop(STOPPED_WORKER);
    else if (session !== engine.processes.id()) one.lose();
  }

  /** While PostgreSQL is away everything stays as it is. */
  function poke(): void {
    if (closing) return;
    void look().catch((error: unknown) => {
      if (!isConnectionLoss(error))
        deps.onError(error, "sensors could not be looked at; trying again");
    });
  }

  function watch(isNeeded: boolean): void {
    cancelWatch();
    cancelWatch = isNeeded && !closing ? timers.after(WATCH_EVERY_MS, poke) : () => {};
  }

  /** One may be on its way to be taken still. */
  async function untilAllGone(): Promise<void> {
    await look().catch(() => undefined);
    while (held.size > 0) await Promise.all([...held.values()].map(({ gone }) => gone));
  }

  /** PostgreSQL takes nothing: whoever looks after this process's session has them started anew. */
  function givenUp(afterMs: number): Promise<void> {
    return new Promise((resolve) => {
      cancelGiveUp = timers.after(afterMs, () => {
        loseAll();
        resolve();
      });
    });
  }

  function loseAll(): void {
    for (const one of held.values()) one.lose();
  }

  function hurry(): void {
    for (const one of held.values()) one.hurry();
  }

  const unlook = packs.onLook(poke);
  const unheed = engine.onGivenUp(loseAll);
  poke();

  return {
    look,
    hurry,
    async close(graceMs) {
      closing = true;
      cancelWatch();
      unlook();
      for (const one of held.values()) one.stop(STOPPED_WORKER);
      const cancelKill = timers.after(graceMs, hurry);
      await Promise.race([untilAllGone(), givenUp(graceMs + HAND_OVER_MS)]);
      cancelKill();
      cancelGiveUp();
      unheed();
    },
  };
}

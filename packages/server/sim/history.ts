import type { WorkflowDefinition } from "@yardmaster/kernel";
import { isDefinitionMissing } from "../src/engine/keeper/definition-of.ts";
import { verifyRun } from "../src/engine/reading/verify.ts";
import { type Absence, randomAbsence } from "./absence.ts";
import { createCluster } from "./cluster.ts";
import { createLedger, type Ledger } from "./ledger/ledger.ts";
import { type Breakage, emptyTables, loadStored, type Tables } from "./model/index.ts";
import { createNetwork, type Life, NO_FAULTS, placeOf } from "./network.ts";
import { createPeople } from "./people.ts";
import { withQuestions } from "./questions.ts";
import { createRandom } from "./random.ts";
import {
  randomFullDisks,
  randomLanePauses,
  randomPauses,
  randomRate,
  randomScenario,
} from "./scenario.ts";
import type { SimProcess } from "./sim-process.ts";
import { randomWorkflow } from "./workflows.ts";
import { createWorld, type World } from "./world.ts";

/**
 * Virtual time from the end of the faults, the longest freeze included, to the end of the last run, at most. Retries of
 * runs within runs, each with its timers, took 10 min and more.
 */
const SETTLE_MS = 3_600_000;
const WORKFLOWS = 3;
const LONGEST_FAULT_MS = 30_000;
/** Telling a run to go on may have failed with who was to. */
const RESUME_AGAIN_MS = 5_000;
const GIVE_UP_MS = 5_000;

export interface HistoryOptions {
  readonly print?: (line: string) => void;
  readonly broken?: Breakage;
  /** Whether runs are paused; default true. */
  readonly pauses?: boolean;
  /** Whether definitions are missing for a while; default true. */
  readonly absences?: boolean;
  /** Whether machines cannot begin processes for a while; default true. */
  readonly fullDisks?: boolean;
  /** Whether queues are paused; default true. */
  readonly lanePauses?: boolean;
  /** Whether attempts end at a limit of a provider that lasts for a while; default true. */
  readonly providerLimits?: boolean;
  /** Whether steps ask people; default true. */
  readonly questions?: boolean;
}

export interface History {
  readonly seed: number;
  readonly breaches: readonly string[];
  readonly virtualMs: number;
  readonly counts: {
    readonly runs: number;
    readonly attempts: number;
    readonly lost: number;
    readonly overlaps: number;
    readonly crashes: number;
    readonly abandoned: number;
    readonly givenBack: number;
  };
}

/** One history: processes under a seed's load and faults, until every run has ended, and what the checker says. */
export async function runHistory(seed: number, options: HistoryOptions = {}): Promise<History> {
  const random = createRandom(seed);
  const world = createWorld(random, options.print);
  const tables = emptyTables();
  const network = createNetwork(world, random);
  const scenario = randomScenario(random);
  const isCalm = scenario.flavour === "kill";
  const calmFromMs = isCalm ? 0 : scenario.faultsEndMs + LONGEST_FAULT_MS;
  const ledger = createLedger(world, tables, { isCalm, calmFromMs });
  // Drawn apart, so that a seed is the same history but for its pauses.
  const pausing = createRandom(seed + 0x5_0000_0000);
  const refs = Array.from({ length: WORKFLOWS }, (_, i) => `w${i}`);
  // Each may call those before it.
  const plain = refs.map((ref, nth) => randomWorkflow(random, ref, refs.slice(0, nth)));
  const asking = createRandom(seed ^ 0xa5c);
  const asks = options.questions !== false && asking.chance(0.5);
  const workflows = new Map(
    plain.map((one) => [one.ref, asks ? withQuestions(asking, one) : one] as const),
  );
  // With randomness of their own, as everything else of a seed is told by its draws.
  const rates = createRandom(seed ^ 0x5a7e);
  for (const [lane, limits] of scenario.lanes)
    tables.queues.set(lane, { ...limits, rate: randomRate(rates) });
  network.faults = scenario.faults;
  const absence =
    options.absences === false
      ? undefined
      : randomAbsence(createRandom(seed + 0x6_0000_0000), scenario, workflows);
  if (absence !== undefined) tellAbsence(world, absence);
  const isGone = (ref: string): boolean =>
    absence?.refs.has(ref) === true &&
    world.now() >= absence.fromMs &&
    world.now() < absence.untilMs;
  const isAbsent = (ref: string, place: string): boolean =>
    isGone(ref) && absence?.places.has(place) === true;
  const disks = createRandom(seed + 0x7_0000_0000);
  const full = options.fullDisks === false ? [] : randomFullDisks(disks, scenario);
  for (const one of full) world.trace(() => `the disk is full: ${JSON.stringify(one)}`);
  const cannotBegin = (place: string): boolean =>
    full.some(
      (one) => one.place === place && one.fromMs <= world.now() && world.now() < one.untilMs,
    );
  const limits = createRandom(seed + 0x9_0000_0000);
  const deps = {
    world,
    network,
    tables,
    ledger,
    random,
    workflows,
    isAbsent,
    cannotBegin,
    mayAsk: absence !== undefined,
    limitMs: () =>
      options.providerLimits !== false && limits.chance(0.15)
        ? limits.int(1_000, 20_000)
        : undefined,
    broken: options.broken ?? {},
  };
  const cluster = createCluster(deps, scenario);
  if (asks) createPeople({ ...deps, random: asking, cluster }).start();

  function startRun(): void {
    const { life, parts, isOpen } = cluster.anyone();
    network.enter(life, () => {
      if (!isOpen()) return;
      const input = { key: random.pick(["red", "green"]) };
      const ref = random.pick(refs);
      if (isAbsent(ref, placeOf(life))) return;
      const run = parts.keeper.prepare({ ref, input, createdBy: "sim" });
      parts.keeper.commit({ runs: [run] }).then(
        () => ledger.acknowledge(run.id),
        (error: unknown) => {
          if (isOpen()) ledger.breach(`the start of ${run.id} was refused: ${String(error)}`);
        },
      );
    });
  }

  function cancelRun(): void {
    const asked = cluster.anyone();
    const runId = random.pick([...tables.runs.keys(), ""]);
    if (runId !== "") cancel(runId, asked);
  }

  function cancel(runId: string, { life, parts, isOpen, askCancel }: SimProcess): void {
    network.enter(life, () => {
      if (!isOpen()) return;
      const at = Math.round(world.now());
      parts.keeper.post(runId, { type: "cancel_requested", at, by: "sim" }).then(
        (posted) => {
          if (posted === "applied") ledger.acknowledgeCancel(runId);
        },
        (error: unknown) => {
          if (isDefinitionMissing(error)) askCancel(runId, "sim").catch(() => {});
        },
      );
    });
  }

  /** What nobody can go on with is canceled by people, sooner or later. */
  function giveUp(): void {
    for (const [runId, { birth }] of tables.runs)
      if (isGone(birth.ref)) cancel(runId, cluster.anyone());
    world.after(GIVE_UP_MS, giveUp);
  }

  function pauseRun(forMs: number): void {
    const runId = pausing.pick([...tables.runs.keys(), ""]);
    if (runId === "") return;
    tell(runId, "paused");
    world.after(forMs, () => resumeRun(runId));
  }

  function turnLane(lane: string, isPaused: boolean): void {
    const { life, isOpen, turnLane: turn } = cluster.anyone();
    network.enter(life, () => {
      if (isOpen()) turn(lane, isPaused).catch(() => {});
    });
  }

  /** Again and again: it may have failed, or come before the pause. */
  function resumeLane(lane: string): void {
    if (tables.queues.get(lane)?.paused === true) turnLane(lane, false);
    world.after(RESUME_AGAIN_MS, () => resumeLane(lane));
  }

  /** What is paused with its parent goes on with it. */
  function resumeRun(runId: string): void {
    const run = tables.runs.get(runId);
    if (run === undefined) return;
    const { parent } = run.birth;
    const isHeld = parent !== null && (tables.runs.get(parent.runId)?.pausedBy ?? null) !== null;
    if (run.pausedBy === "sim" && !isHeld) tell(runId, "resumed");
    world.after(RESUME_AGAIN_MS, () => resumeRun(runId));
  }

  function tell(runId: string, type: "paused" | "resumed"): void {
    const { life, parts, isOpen } = cluster.anyone();
    network.enter(life, () => {
      if (!isOpen()) return;
      const at = Math.round(world.now());
      parts.keeper.post(runId, { type, at, by: "sim" }).catch(() => {});
    });
  }

  function sometimes(times: number, happen: () => void): void {
    for (let i = 0; i < times; i++) world.after(random.next() * scenario.faultsEndMs, happen);
  }

  const toSomeone = (happen: (life: Life) => void) => (): void => happen(cluster.anyone().life);
  if (scenario.burst)
    sometimes(1, () => {
      for (let i = 0; i < scenario.runs; i++) world.after(random.int(0, 3), startRun);
    });
  else sometimes(scenario.runs, startRun);
  sometimes(scenario.cancels, cancelRun);
  if (options.pauses !== false)
    for (const { atMs, forMs } of randomPauses(pausing, scenario))
      world.after(atMs, () => pauseRun(forMs));
  const lanePauses = createRandom(seed + 0x8_0000_0000);
  if (options.lanePauses !== false)
    for (const { lane, atMs, forMs } of randomLanePauses(lanePauses, scenario)) {
      world.after(atMs, () => turnLane(lane, true));
      world.after(atMs + forMs, () => resumeLane(lane));
    }
  if (absence?.isEverywhere && absence.untilMs === Number.POSITIVE_INFINITY)
    world.after(absence.fromMs + random.int(0, 2 * GIVE_UP_MS), giveUp);
  sometimes(scenario.crashes, toSomeone(cluster.crash));
  sometimes(scenario.freezes, toSomeone(cluster.freeze));
  sometimes(scenario.cuts, toSomeone(cluster.cutOff));
  sometimes(scenario.restarts, toSomeone(cluster.restart));
  sometimes(scenario.outages, cluster.breakStore);
  world.after(scenario.faultsEndMs, () => {
    network.faults = NO_FAULTS;
  });

  const deadline = scenario.faultsEndMs + SETTLE_MS;
  const isOver = (): boolean =>
    ledger.breaches.length > 0 ||
    world.now() > deadline ||
    (world.now() > scenario.faultsEndMs && ledger.quiet());
  const virtualMs = await world.run(isOver);
  if (virtualMs > deadline) tellStuck(tables, ledger);
  if (scenario.flavour === "outage" && ledger.counts.lost > 0)
    ledger.breach(`${ledger.counts.lost} attempts were lost though nobody died`);
  ledger.close();
  verifyAll(tables, ledger, workflows);
  const counts = { ...ledger.counts, ...cluster.counts, runs: tables.history.size };
  return { seed, breaches: ledger.breaches, virtualMs, counts };
}

function tellAbsence(world: World, { refs, places, fromMs, untilMs }: Absence): void {
  world.trace(() => `from ${fromMs} to ${untilMs} ms ${[...refs]} are missing at ${[...places]}`);
}

function tellStuck(tables: Tables, ledger: Ledger): void {
  for (const runId of tables.runs.keys()) {
    const waiting = [...tables.dispatch.values()]
      .filter((row) => row.runId === runId)
      .map(({ slot, number, state, queue, key }) => `${slot}/${number} ${state} ${queue} ${key}`);
    const leased = [...tables.leases.values()]
      .filter((row) => row.runId === runId)
      .map(({ slot, number, session }) => `${slot}/${number} leased by ${session}`);
    const told = [...waiting, ...leased];
    ledger.breach(`run ${runId} has not ended: ${told.join("; ") || "nothing is open"}`);
  }
}

function verifyAll(
  tables: Tables,
  ledger: Ledger,
  workflows: ReadonlyMap<string, WorkflowDefinition>,
): void {
  for (const runId of [...tables.runs.keys(), ...tables.history.keys()]) {
    const stored = loadStored(tables, runId, { ended: true });
    if (stored === undefined) continue;
    const workflow = workflows.get(stored.ref) as WorkflowDefinition;
    const verified = verifyRun(runId, stored, workflow);
    if (!verified.same)
      ledger.breach(`run ${runId} decides otherwise: ${JSON.stringify(verified.difference)}`);
    ledger.checkTries(runId, stored, workflow);
  }
}

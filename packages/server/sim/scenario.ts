import type { LaneLimits, LaneRate } from "@yardmaster/kernel";
import { type Faults, NO_FAULTS } from "./network.ts";
import type { Random } from "./random.ts";
import type { Place } from "./sim-process.ts";
import { LANES } from "./workflows.ts";

/**
 * `mixed`: everything at once. `kill`: one worker dies, others live: recovered within 10 s. `outage`: nothing but a
 * store that is away for a while, on one machine: nobody is judged by it, nothing is lost. `zombie`: workers on two
 * machines freeze or are cut off for longer than their sessions live, in the middle of long work, and come back.
 */
export type Flavour = "mixed" | "kill" | "outage" | "zombie";

/** What a seed is about: who is there, what is asked of them, and what goes wrong until `faultsEndMs`. */
export interface Scenario {
  readonly flavour: Flavour;
  readonly places: readonly Place[];
  readonly lanes: ReadonlyMap<string, LaneLimits>;
  readonly runs: number;
  /** All at one moment, as a webhook storm has them. */
  readonly burst: boolean;
  readonly faultsEndMs: number;
  readonly faults: Faults;
  readonly crashes: number;
  readonly freezes: number;
  readonly outages: number;
  readonly cuts: number;
  readonly crashAtPoints: number;
  readonly restarts: number;
  readonly cancels: number;
}

export function randomScenario(random: Random): Scenario {
  const flavour = random.chance(0.7) ? "mixed" : random.pick(["kill", "outage", "zombie"] as const);
  const some = (most: number): number => (random.chance(0.5) ? 0 : random.int(1, most));
  const share = (most: number): number => (random.chance(0.5) ? 0 : random.next() * most);
  const calm: Scenario = {
    flavour,
    places: randomPlaces(random, flavour),
    lanes: new Map(LANES.map((lane) => [lane, randomLimits(random)])),
    runs: random.int(3, 9),
    burst: random.chance(0.4),
    faultsEndMs: random.int(2_000, 12_000),
    faults: { ...NO_FAULTS, hintLost: share(1), hintDoubled: share(0.5) },
    ...{ crashes: 0, freezes: 0, outages: 0, cuts: 0, crashAtPoints: 0, restarts: 0 },
    cancels: some(4),
  };
  if (flavour === "kill") return { ...calm, crashes: 1 };
  if (flavour === "outage") return { ...calm, outages: 1 };
  if (flavour === "zombie") return { ...calm, freezes: random.int(1, 2), cuts: random.int(0, 1) };
  return {
    ...calm,
    faults: {
      ...calm.faults,
      errorBefore: share(0.08),
      errorAfter: share(0.08),
      lateEffect: share(0.05),
      slow: share(0.1),
    },
    crashes: some(3),
    freezes: some(2),
    outages: random.chance(0.3) ? 1 : 0,
    cuts: random.chance(0.3) ? 1 : 0,
    crashAtPoints: random.chance(0.3) ? 0.01 : 0,
    restarts: random.chance(0.2) ? 1 : 0,
  };
}

export interface Pause {
  readonly atMs: number;
  readonly forMs: number;
}

/** Some end at once, some in the middle of faults, and some when all is calm again. */
export function randomPauses(random: Random, { faultsEndMs }: Scenario): Pause[] {
  const count = random.chance(0.5) ? 0 : random.int(1, 4);
  return Array.from({ length: count }, () => ({
    atMs: random.next() * faultsEndMs,
    forMs: random.pick([
      random.int(0, 500),
      random.int(0, faultsEndMs),
      random.int(30_000, 90_000),
    ]),
  }));
}

export interface LanePause extends Pause {
  readonly lane: string;
}

export function randomLanePauses(random: Random, { faultsEndMs }: Scenario): LanePause[] {
  const count = random.chance(0.7) ? 0 : random.int(1, 3);
  return Array.from({ length: count }, () => ({
    lane: random.pick(LANES),
    atMs: random.next() * faultsEndMs,
    forMs: random.pick([
      random.int(0, 500),
      random.int(0, faultsEndMs),
      random.int(20_000, 60_000),
    ]),
  }));
}

/** For how long a place can begin no process. */
export interface FullDisk {
  readonly place: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

export function randomFullDisks(random: Random, { places, faultsEndMs }: Scenario): FullDisk[] {
  if (random.chance(0.75)) return [];
  return places.flatMap(({ name }) => {
    if (random.chance(0.4)) return [];
    const fromMs = random.next() * faultsEndMs;
    return [{ place: name, fromMs, untilMs: fromMs + random.int(100, 30_000) }];
  });
}

function randomPlaces(random: Random, flavour: Flavour): Place[] {
  const machines = flavour === "outage" ? 1 : flavour === "zombie" || random.chance(0.5) ? 2 : 1;
  const contested = machines > 1 || (flavour !== "outage" && random.chance(0.5));
  const isPlain = flavour === "mixed" || flavour === "outage";
  const count = random.int(isPlain ? 1 : 2, 3);
  // Whoever claims without scheduling has to look by itself.
  const isSplit = isPlain && count > 1 && random.chance(0.2);
  return Array.from({ length: count }, (_, i) => ({
    name: `p${i}`,
    host: i < machines ? `h${i}` : `h${random.int(0, machines - 1)}`,
    roles: isSplit ? rolesApart(i) : i === 0 || (i === 1 && !isPlain) ? ALL : randomRoles(random),
    skewMs: random.chance(0.5) ? 0 : random.int(-20_000, 20_000),
    contested,
    capacity: { core: random.int(1, 20), process: random.int(1, 4) },
  }));
}

const ALL: Place["roles"] = ["api", "worker", "scheduler"];

function rolesApart(nth: number): Place["roles"] {
  return nth === 0 ? ["api", "scheduler"] : ["worker"];
}

function randomRoles(random: Random): Place["roles"] {
  return random.pick([ALL, ["worker"], ["api", "scheduler"]] as Place["roles"][]);
}

function randomLimits(random: Random): LaneLimits {
  return {
    concurrency: random.chance(0.4) ? null : random.int(1, 3),
    keyConcurrency: random.chance(0.6) ? null : random.int(1, 2),
    fifo: random.chance(0.5),
  };
}

export function randomRate(random: Random): LaneRate | null {
  return random.chance(0.6) ? null : { starts: random.int(1, 4), perMs: random.int(100, 1_500) };
}

import type { WorkflowDefinition } from "@yardmaster/kernel";
import { uuidV7 } from "@yardmaster/protocol";
import type { Ledger } from "./ledger/ledger.ts";
import type { Breakage, Tables } from "./model/index.ts";
import type { Life, Network } from "./network.ts";
import type { Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import { type Shared, type SimProcess, startProcess } from "./sim-process.ts";
import type { World } from "./world.ts";

export interface ClusterDeps {
  readonly world: World;
  readonly network: Network;
  readonly tables: Tables;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly workflows: ReadonlyMap<string, WorkflowDefinition>;
  readonly broken: Breakage;
  readonly isAbsent: Shared["isAbsent"];
  readonly mayAsk: boolean;
  readonly cannotBegin: Shared["cannotBegin"];
  readonly limitMs: Shared["limitMs"];
}

/** From the death of a worker until its attempts are recorded as lost. */
const RECOVERY_MS = 10_000;

/** The processes of a history: started, and made to suffer. */
export function createCluster(deps: ClusterDeps, scenario: Scenario) {
  const { world, network, random, ledger } = deps;
  const processes: SimProcess[] = [];
  let ids = 0;
  let pids = 100;
  const counts = { crashes: 0 };
  const isFaulty = (): boolean => world.now() < scenario.faultsEndMs;

  const shared: Shared = {
    ...deps,
    longWork: scenario.flavour === "zombie" || scenario.flavour === "kill" ? 0.3 : 0.05,
    newId: () => uuidV7(Math.floor(world.now()), numbered(++ids)),
    isAlive: (host, pid) =>
      processes.some((one) => one.life.host === host && one.pid === pid && one.life.alive),
    hint(from, hint) {
      for (const one of processes) {
        if (one.life === from || random.chance(network.faults.hintLost)) continue;
        const times = random.chance(network.faults.hintDoubled) ? 2 : 1;
        for (let i = 0; i < times; i++)
          world.after(random.chance(0.5) ? 1 : random.int(1, 200), () =>
            network.enter(one.life, () => one.parts.onHints(hint)),
          );
      }
    },
    onPoint(life, point) {
      if (!isFaulty() || !random.chance(scenario.crashAtPoints)) return;
      world.trace(() => `${life.name} is at ${point}`);
      crash(life);
    },
    onStartFailed: (life) => crash(life),
  };

  function boot(index: number): void {
    const place = scenario.places[index] as Scenario["places"][number];
    const started = startProcess(shared, place, ++pids);
    processes[index] = started;
    world.trace(() => `${started.life.name} starts on ${place.host} as ${place.roles}`);
  }

  /** Everything that it had in memory is gone; what it had started runs on. */
  function crash(life: Life): void {
    const index = processes.findIndex((one) => one.life === life);
    if (!life.alive) return;
    life.alive = false;
    counts.crashes++;
    world.trace(() => `${life.name} dies`);
    if (scenario.flavour === "kill") {
      ledger.killed(life.name, [(processes[index] as SimProcess).parts.session.id()]);
      world.after(RECOVERY_MS, () => ledger.checkRecovery());
    }
    const downMs = random.chance(0.5) ? random.int(50, 1_000) : random.int(1_000, 9_000);
    world.after(isFaulty() ? downMs : 50, () => boot(index));
  }

  function freeze(life: Life): void {
    if (!life.alive || life.frozen) return;
    const isLong = scenario.flavour === "zombie" || random.chance(0.5);
    const forMs = isLong ? random.int(3_000, 30_000) : random.int(100, 3_000);
    life.frozen = true;
    world.trace(() => `${life.name} freezes for ${forMs} ms`);
    world.after(forMs, () => {
      world.trace(() => `${life.name} goes on`);
      life.frozen = false;
      life.backSince = world.now();
      for (const run of life.missed.splice(0))
        world.after(random.next() * 2, () => network.enter(life, run));
    });
  }

  function cutOff(life: Life): void {
    life.cutUntil = world.now() + random.int(500, 15_000);
    world.trace(() => `${life.name} is cut off until ${Math.round(life.cutUntil)} ms`);
  }

  function restart(life: Life): void {
    const index = processes.findIndex((one) => one.life === life);
    if (!life.alive || life.frozen) return;
    world.trace(() => `${life.name} stops in order`);
    void world
      .inTurns((processes[index] as SimProcess).stop(random.int(0, 3_000)))
      .catch(() => {})
      .then(() => crash(life));
  }

  function breakStore(): void {
    const untilMs = world.now() + random.int(200, 20_000);
    const hangs = random.chance(0.5);
    world.trace(() => `no store until ${Math.round(untilMs)} ms${hangs ? ", silently" : ""}`);
    network.breakStore(untilMs, hangs);
  }

  for (const index of scenario.places.keys()) boot(index);

  return {
    counts,
    /** Any of the processes, dead or alive. */
    anyone: (): SimProcess => random.pick(processes),
    crash,
    freeze,
    cutOff,
    restart,
    breakStore,
  };
}

export type Cluster = ReturnType<typeof createCluster>;

/** In place of what is random in an id: the same seed makes the same ids, and none twice. */
function numbered(n: number): Uint8Array {
  const bytes = new Uint8Array(10);
  new DataView(bytes.buffer).setUint32(6, n);
  return bytes;
}

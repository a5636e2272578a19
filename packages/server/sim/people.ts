import type { Json } from "@yardmaster/protocol";
import type { Cluster } from "./cluster.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { Tables } from "./model/index.ts";
import type { Network } from "./network.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

/** Whoever is asked looks as often, and answers what is open then: some at once, some later, some twice. */
const LOOK_EVERY_MS = 1_000;

export interface PeopleDeps {
  readonly world: World;
  readonly network: Network;
  readonly tables: Tables;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly cluster: Cluster;
}

/** Answers questions by any of the processes, two of which may be asked at once, and long after they are over. */
export function createPeople({ world, network, tables, ledger, random, cluster }: PeopleDeps) {
  let answers = 0;

  function look(): void {
    for (const { runId, slot, number, status } of tables.inquiries.values()) {
      const isLate = status !== "open";
      if (random.chance(isLate ? 0.98 : 0.6)) continue;
      const times = random.chance(0.3) ? 2 : 1;
      for (let i = 0; i < times; i++) answer(runId, slot, number);
    }
    world.after(LOOK_EVERY_MS, look);
  }

  function answer(runId: string, slot: string, number: number): void {
    const { life, parts, isOpen } = cluster.anyone();
    const given: Json = {
      n: ++answers,
      decision: random.pick(["repeat", "repeat", "done", "fail"]),
      output: { n: answers },
    };
    const at = Math.round(world.now());
    const by = `token:${answers}`;
    network.enter(life, () => {
      if (!isOpen()) return;
      const place = { slot, number, inquiry: "i", at, by };
      parts.keeper.post(runId, { type: "inquiry_answered", ...place, answer: given }).then(
        (posted) => {
          if (posted === "applied") ledger.answered({ runId, slot, number }, given);
        },
        () => {},
      );
    });
  }

  return { start: look };
}

import { describe, expect, it } from "vitest";
import { runHistory } from "./history.ts";
import type { Breakage } from "./model/index.ts";

const SEEDS = 250;
/** Seeds that were found before: the same histories without what has come since. */
const WHOLE = {
  ...{ fullDisks: false, lanePauses: false, providerLimits: false },
  questions: false,
} as const;
const BEFORE = { ...WHOLE, absences: false } as const;
/** A guard that is gone shows within so many seeds. */
const SEEDS_TO_SEE = 1_500;

describe("the engine under the simulator", () => {
  it(`keeps its promises in ${SEEDS} seeded histories`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { breaches } = await runHistory(seed);
      expect(breaches, `node scripts/simulate.mjs --seed ${seed}`).toEqual([]);
    }
  }, 60_000);

  it.each([
    ["begins nothing between a session's doubt and its end", 90254],
    ["begins what an instant's end asked for, though a neighbour's was refused", 95593],
    ["may cancel an instant that was carried out and not recorded yet", 98964],
    ["starts nothing that was leased to a session that has ended since", 129687],
    ["writes one advance of a run at a time", 122158],
    ["retries no step of a run that a canceled child has failed", 123461],
  ])("%s (seed %i)", async (_, seed) => {
    // They were found where no run is paused.
    expect((await runHistory(seed, { ...BEFORE, pauses: false })).breaches).toEqual([]);
  });

  it("gives no child birth that lives here already, though a resume found it unborn (seed 308254)", async () => {
    expect((await runHistory(308254, BEFORE)).breaches).toEqual([]);
  });

  it("advances no child while its birth, in which another process was faster, is on its way (seed 3320619)", async () => {
    expect((await runHistory(3320619, BEFORE)).breaches).toEqual([]);
  });

  it("takes no run that is being stopped for an instant that was lost with its process (seed 3700180)", async () => {
    expect((await runHistory(3700180, BEFORE)).breaches).toEqual([]);
  });

  it("takes no failure for the action's that was told before its process knew of its session's end (seed 4016413)", async () => {
    expect((await runHistory(4016413, WHOLE)).breaches).toEqual([]);
  });

  it("leaves nothing waiting of a run that was canceled while the session of its canceller ended (seed 4076356)", async () => {
    expect(
      (await runHistory(4076356, { providerLimits: false, questions: false })).breaches,
    ).toEqual([]);
  });

  it("plays the same history again for the same seed", async () => {
    const tell = async (): Promise<string[]> => {
      const lines: string[] = [];
      await runHistory(9, { print: (line) => lines.push(line) });
      return lines;
    };
    const first = await tell();
    expect(first.length).toBeGreaterThan(10);
    expect(await tell()).toEqual(first);
  });
});

describe("the checker of the simulator", () => {
  /** What is seen seldom is looked for where it is, nearly. */
  const seen: [keyof Breakage, RegExp, number?][] = [
    ["versionGuard", /is recorded as/],
    ["liveGuard", /wrote for its session/],
    ["laneLock", /are leased (in|for)/, 70],
    ["rate", /attempts started in/],
    ["stopFlag", /is recorded as|after its run had ended/],
    ["fifo", /was served before/],
    ["orphans", /overlaps/],
    ["lanePause", /which is paused/, 340],
    ["rest", /that it cannot begin/],
    ["givenBack", /gave up after/],
    ["note", /abandoned while it was canceled in order/, 1_380],
    ["leaf", /abandoned before its step/, 280],
    ["handOver", /has not ended/, 120],
    ["inquiries", /is open though its run has ended/],
  ];
  it.each(seen)(
    "sees that %s is gone",
    async (guard, breach, from = 1) => {
      for (let seed = from; seed < from + SEEDS_TO_SEE; seed++) {
        const { breaches } = await runHistory(seed, {
          broken: { [guard]: true },
          questions: guard === "inquiries",
        });
        if (breaches.some((line) => breach.test(line))) return;
      }
      expect.fail(`${SEEDS_TO_SEE} histories without ${guard} were found good`);
    },
    120_000,
  );
});

import { describe, expect, it } from "vitest";
import { keptInputs } from "./corpus.ts";
import { explore } from "./explore.ts";
import type { FuzzTarget } from "./target.ts";
import { fuzzTargets } from "./targets/index.ts";

/** Of each target, besides its seeds and what is kept. `npm run fuzz` goes on for as long as one likes. */
const MUTATIONS = 150;
/** Tests share their machine: here only what is out of all proportion counts as slow. */
const LIMIT_MS = 10_000;

describe("parsers of what strangers send", () => {
  it.each(fuzzTargets.map((target) => [target.name, target] as const))(
    "hold for the kept inputs and some new ones: %s",
    async (name, target) => {
      const corpus = keptInputs(name);
      const first = corpus.length + target.seeds.length;
      const goOn = (runs: number): boolean => runs < first + MUTATIONS;
      const patient = { ...target, limitMs: LIMIT_MS };
      const { runs, findings } = await explore(patient, { seed: 1, corpus, goOn });
      const told = findings.map(
        ({ problem, input }) => `${problem}\n${JSON.stringify(`${input}`)}`,
      );
      expect(told).toEqual([]);
      expect(runs).toBe(first + MUTATIONS);
    },
    30_000,
  );
});

describe("the fuzzer", () => {
  const seeds = ["a(b)c", "abc"];
  const words = ["(", ")"];

  it("finds what throws, and takes out of the input all that does not matter", async () => {
    const target: FuzzTarget = {
      name: "throws",
      seeds,
      words,
      run(input) {
        if (input.includes("((")) throw new Error("two open");
        return String(input.includes("("));
      },
    };
    const { findings } = await explore(target, {
      seed: 1,
      corpus: [],
      goOn: (runs) => runs < 5_000,
    });
    expect(findings.map(({ input }) => input.toString())).toEqual(["(("]);
  });

  it("finds what takes too long", async () => {
    const target: FuzzTarget = {
      name: "slow",
      seeds,
      words,
      limitMs: 5,
      run(input) {
        const endsAt = performance.now() + (input.length > 500 ? 20 : 0);
        while (performance.now() < endsAt);
        return "";
      },
    };
    const { findings } = await explore(target, { seed: 1, corpus: [], goOn: (runs) => runs < 500 });
    expect(findings[0]?.problem).toMatch(/^takes more than 5 ms/);
  });

  it("plays the same inputs again for the same seed", async () => {
    const inputsOf = async (): Promise<string[]> => {
      const inputs: string[] = [];
      const onInput = (input: Buffer): void => void inputs.push(input.toString("hex"));
      const target: FuzzTarget = { name: "same", seeds, words, run: (input) => `${input.length}` };
      await explore(target, { seed: 7, corpus: [], goOn: (runs) => runs < 100, onInput });
      return inputs;
    };
    expect(await inputsOf()).toEqual(await inputsOf());
  });
});

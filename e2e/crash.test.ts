import { expect, test } from "vitest";
import { broken, runScenario, TEST_WITHIN_MS } from "./crash/run-scenario.ts";

const KILLS = 4;

// It needs processes in /proc, and locks that the kernel frees.
test.skipIf(process.platform !== "linux")(
  "real processes, killed under load at every named point and at random, lose nothing, do nothing twice and break no limit",
  async () => {
    const storm = await runScenario("storm", KILLS);
    expect(broken(storm)).toEqual([]);
    expect(storm.kills?.filter((kill) => !kill.reached)).toEqual([]);
    expect(storm.kills?.filter((kill) => kill.kind === "random")).toHaveLength(KILLS);
  },
  TEST_WITHIN_MS,
);

import { describe, test } from "vitest";
import { broken, runScenario } from "./crash/run-scenario.ts";

const WITHIN_MS = 240_000;
const KILLS = 4;

// They need processes in /proc, and locks that the kernel frees.
describe.skipIf(process.platform !== "linux")("real processes, killed under load,", () => {
  test.concurrent(
    "at every named point and at random, lose nothing, do nothing twice and break no limit",
    async ({ expect }) => {
      const storm = await runScenario("storm", KILLS);
      expect(broken(storm)).toEqual([]);
      expect(storm.kills?.filter((kill) => !kill.reached)).toEqual([]);
      expect(storm.kills?.filter((kill) => kill.kind === "random")).toHaveLength(KILLS);
    },
    WITHIN_MS,
  );

  test.concurrent(
    "stop in order on SIGTERM and Ctrl-C, leave nothing behind and go on at the next start",
    async ({ expect }) => {
      expect(broken(await runScenario("shutdown"))).toEqual([]);
    },
    WITHIN_MS,
  );
});

import { describe, test } from "vitest";
import { broken, runScenario } from "./crash/run-scenario.ts";

const WITHIN_MS = 240_000;
const KILLS = 4;

// They need processes in /proc, and locks that the kernel frees.
describe.skipIf(process.platform !== "linux")("real processes, killed under load,", () => {
  // By itself: it measures time.
  test(
    "run again within 10 s, and a worker that comes back from a freeze gives up what is not its own",
    async ({ expect }) => {
      const recovery = await runScenario("recovery");
      expect(broken(recovery)).toEqual([]);
      for (const ms of Object.values(recovery.measures ?? {})) expect(ms).toBeLessThan(10_000);
    },
    WITHIN_MS,
  );

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

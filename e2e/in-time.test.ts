import { describe, expect, test } from "vitest";
import { broken, runScenario, TEST_WITHIN_MS } from "./crash/run-scenario.ts";

// They measure time: vitest.config.ts has them run while nothing else starts processes by the hundred. They need
// processes in /proc, and locks that the kernel frees.
describe.skipIf(process.platform !== "linux")("in time,", () => {
  test(
    "attempts of killed processes run again within 10 s, and a worker that comes back from a freeze gives up what is not its own",
    async () => {
      const recovery = await runScenario("recovery");
      expect(broken(recovery)).toEqual([]);
      for (const ms of Object.values(recovery.measures ?? {})) expect(ms).toBeLessThan(10_000);
    },
    TEST_WITHIN_MS,
  );

  test(
    "processes under load stop in order on SIGTERM and Ctrl-C, leave nothing behind and go on at the next start",
    async () => {
      expect(broken(await runScenario("shutdown"))).toEqual([]);
    },
    TEST_WITHIN_MS,
  );

  // A session that is not renewed for 5 s gives its attempts back, whatever held it up: here that is to be the clock.
  test(
    "clocks that jump, a transaction that pins the horizon and restarts of PostgreSQL lose nothing",
    async () => {
      const postgres = await runScenario("postgres");
      expect(broken(postgres)).toEqual([]);
      expect(postgres.faults?.length).toBeGreaterThanOrEqual(2);
    },
    TEST_WITHIN_MS,
  );
});

import { expect, test } from "vitest";
import { broken, runScenario } from "./crash/run-scenario.ts";

// It measures time: vitest.config.ts has it run while no other processes are killed. It needs processes in /proc, and
// locks that the kernel frees.
test.skipIf(process.platform !== "linux")(
  "attempts of killed processes run again within 10 s, and a worker that comes back from a freeze gives up what is not its own",
  async () => {
    const recovery = await runScenario("recovery");
    expect(broken(recovery)).toEqual([]);
    for (const ms of Object.values(recovery.measures ?? {})) expect(ms).toBeLessThan(10_000);
  },
  240_000,
);

import { describe, test } from "vitest";
import { broken, runScenario, type Scenario, TEST_WITHIN_MS } from "./crash/run-scenario.ts";

const names = ({ faults }: Scenario) => faults?.map(({ name }) => name);

// They need processes in /proc.
describe.skipIf(process.platform !== "linux")("under load,", () => {
  test.concurrent(
    "a network that cuts, keeps and loses what is sent loses no work, doubles none, and streams are resumed whole",
    async ({ expect }) => {
      const network = await runScenario("network");
      expect(broken(network)).toEqual([]);
      expect(names(network)).toContain("database: lose both, 9 s");
      expect(names(network)).toContain("http: lose down, 1 s");
    },
    TEST_WITHIN_MS,
  );

  // Skipped by itself, with a line that says so, where a small disk cannot be mounted.
  test.concurrent(
    "a full disk of PostgreSQL refuses what is new with the reason, and what runs goes on afterwards",
    async ({ expect }) => {
      expect(broken(await runScenario("disk"))).toEqual([]);
    },
    TEST_WITHIN_MS,
  );
});

import { spawnSync } from "node:child_process";
import { configDefaults, defineConfig } from "vitest/config";
import { LongestFirst } from "./vitest.sequence.ts";

const SLOW_START_MS = 4;

/** How long a process takes to start and end here. */
function startMs(): number {
  const beganMs = performance.now();
  for (let i = 0; i < 5; i++) spawnSync("true");
  return (performance.now() - beganMs) / 5;
}

const resolve = { conditions: ["source"] };
const ssr = { resolve };
/** Where Vitest runs global setup files. */
const environments = { __vitest__: { resolve } };

/**
 * Modules hold no state of their own, so the files of a worker share them: to load them anew for each file takes about
 * as long as the tests.
 */
const isolate = false;

/**
 * Of the projects with real processes, which run beside each other: the tests of one wait, for leases to pass and for
 * processes to come up, while those of another work. On two cores all took 368 s with three at once, 348 s with four.
 * Where a process takes 5 ms to start instead of 2, four hold each other up beyond what they wait for.
 */
const maxWorkers = startMs() < SLOW_START_MS ? 4 : 2;
const beside = { groupOrder: 1 };
/** Before those: a worker for what measures time, and one for what starts no processes and leaves it a core. */
const calmly = { sequence: { groupOrder: 0 }, maxWorkers: 2 };

/** Of those projects: how long something that others bring about may take, which on a busy machine is more than a second. */
const expectPatiently = { poll: { timeout: 20_000 } };

/**
 * They measure how long something takes, and wait most of the time: beside tests that start no processes, and before
 * those that start them by the hundred. Beside these a stop took 12 s, alone 1.3 s.
 */
const TIMED = "e2e/in-time.test.ts";

/** What of the server is tested with a database, and starts no processes. */
const CALM = "packages/server/src/{audit,auth,events,inbox,packs,queues,rules,runs}/**/*.test.ts";

const setupFiles = ["./vitest.patience.ts"];

/** The client of MCP: a package that it needs has a condition `source` too, and there TypeScript, which Node does not load. */
const server = { deps: { inline: ["@modelcontextprotocol/client", "eventsource"] } };

const onPostgres = {
  isolate,
  server,
  globalSetup: ["packages/server/test/postgres.setup.ts"],
  testTimeout: 30_000,
  hookTimeout: 60_000,
  expect: expectPatiently,
  setupFiles,
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve,
        ssr,
        test: {
          ...calmly,
          name: "unit",
          isolate,
          testTimeout: 30_000,
          setupFiles,
          include: [
            "packages/{protocol,kernel,sdk,cli,web}/src/**/*.test.ts",
            "packages/server/sim/**/*.test.ts",
            "packages/server/fuzz/**/*.test.ts",
          ],
        },
      },
      {
        resolve,
        ssr,
        test: { ...calmly, name: "timed", include: [TIMED] },
      },
      {
        resolve,
        ssr,
        test: {
          name: "node",
          isolate,
          sequence: beside,
          include: ["packages/node/src/**/*.test.ts", "packages/node/test/**/*.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          expect: expectPatiently,
          setupFiles,
          maxWorkers,
        },
      },
      {
        resolve,
        ssr,
        environments,
        test: { ...onPostgres, ...calmly, name: "server-calm", include: [CALM] },
      },
      {
        resolve,
        ssr,
        environments,
        test: {
          ...onPostgres,
          name: "server",
          sequence: beside,
          maxWorkers,
          include: ["packages/server/src/**/*.test.ts", "packages/server/test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, CALM],
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "e2e",
          sequence: beside,
          include: ["e2e/**/*.test.ts"],
          exclude: [...configDefaults.exclude, TIMED],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          expect: expectPatiently,
          setupFiles,
          maxWorkers,
        },
      },
    ],
  },
});

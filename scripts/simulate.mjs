/**
 * `node scripts/simulate.mjs [--histories N] [--from SEED] [--workers N] [--seed SEED]`
 * Runs seeded histories of the engine in its simulator (packages/server/sim) and says how many a minute.
 * A failing seed is printed; `--seed` replays one with everything that happens.
 */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    histories: { type: "string", default: "10000" },
    from: { type: "string", default: "1" },
    workers: { type: "string", default: "2" },
    seed: { type: "string" },
  },
});
const server = resolve(import.meta.dirname, "../packages/server");

/** Runs a range of seeds in a process of its own; resolves with its sums, undefined where it broke. */
function simulate(from, count, ...more) {
  return new Promise((done) => {
    const args = [resolve(server, "test/run-typescript.mjs"), resolve(server, "sim/main.ts")];
    const child = spawn(process.execPath, [...args, from, count, ...more].map(String), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let sums;
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith('{"histories"')) sums = JSON.parse(line);
      else console.log(line);
    });
    child.on("close", () => done(sums));
  });
}

if (values.seed !== undefined) {
  const sums = await simulate(Number(values.seed), 1, "trace");
  console.log(JSON.stringify(sums));
  process.exit(sums?.failed.length === 0 ? 0 : 1);
}

const workers = Number(values.workers);
const each = Math.ceil(Number(values.histories) / workers);
const startedAt = performance.now();
const parts = await Promise.all(
  Array.from({ length: workers }, (_, i) => simulate(Number(values.from) + i * each, each)),
);
const minutes = (performance.now() - startedAt) / 60_000;
const sum = (key) => parts.reduce((total, part) => total + (part?.[key] ?? 0), 0);
const failed = parts.flatMap((part) => part?.failed ?? []);
console.log(
  `${sum("histories")} histories in ${(minutes * 60).toFixed(1)} s: ${Math.round(sum("histories") / minutes)} a minute ` +
    `(${sum("runs")} runs, ${sum("attempts")} attempts, ${sum("lost")} lost, ${sum("crashes")} crashes, ${sum("abandoned")} abandoned, ${sum("givenBack")} given back)`,
);
if (failed.length > 0) {
  console.log(`${failed.length} failed. Replay one: node scripts/simulate.mjs --seed ${failed[0]}`);
}
process.exit(failed.length === 0 && parts.every((part) => part !== undefined) ? 0 : 1);

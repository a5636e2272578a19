import { runHistory } from "./history.ts";

/**
 * `main.ts FROM COUNT [trace]`: runs so many seeds. Prints each that fails with what was breached, and at the end
 * a line of JSON with the sums. With `trace` everything that happens is a line.
 */
const [from = 1, count = 1] = process.argv.slice(3, 5).map(Number);
const print = process.argv[5] === "trace" ? (line: string) => console.log(line) : undefined;

const KEYS = ["runs", "attempts", "lost", "overlaps", "crashes", "abandoned", "givenBack"] as const;
const sums = {
  ...{ histories: 0, runs: 0, attempts: 0, lost: 0, overlaps: 0, crashes: 0 },
  ...{ abandoned: 0, givenBack: 0, virtualMs: 0 },
};
const failed: number[] = [];

for (let seed = from; seed < from + count; seed++) {
  const history = await runHistory(seed, print === undefined ? {} : { print });
  sums.histories++;
  sums.virtualMs += Math.round(history.virtualMs);
  for (const key of KEYS) sums[key] += history.counts[key];
  if (history.breaches.length === 0) continue;
  failed.push(seed);
  console.log(`seed ${seed} failed:\n  ${history.breaches.join("\n  ")}`);
}
console.log(JSON.stringify({ ...sums, failed }));
// The module server that loads this file would keep the process.
process.exit(failed.length === 0 ? 0 : 1);

import { runHistory } from "./history.ts";

/** `main.ts FROM COUNT [trace]`: runs seeds, prints each that fails and a line of JSON with the sums. */
const [from = 1, count = 1] = process.argv.slice(3, 5).map(Number);
const trace = process.argv[5] === "trace";
const sums = {
  histories: 0,
  failed: 0,
  runs: 0,
  attempts: 0,
  lost: 0,
  overlaps: 0,
  crashes: 0,
  virtualMs: 0,
};
let failing = 0;
process.on("unhandledRejection", (error) => {
  failing++;
  console.log("unhandled", error);
});
const startedAt = performance.now();
const cpu = process.cpuUsage();
for (let seed = from; seed < from + count; seed++) {
  const history = await runHistory(seed, trace ? { print: (line) => console.log(line) } : {});
  sums.histories++;
  sums.virtualMs += history.virtualMs;
  for (const key of ["runs", "attempts", "lost", "overlaps", "crashes"] as const)
    sums[key] += history.counts[key];
  if (history.breaches.length > 0) {
    sums.failed++;
    console.log(`seed ${seed} FAILED`);
    for (const breach of history.breaches) console.log(`  ${breach}`);
  }
}
const used = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    ...sums,
    unhandled: failing,
    ms: Math.round(performance.now() - startedAt),
    cpuMs: Math.round((used.user + used.system) / 1000),
  }),
);
process.exit(0);

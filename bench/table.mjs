// What the bench prints.

const columns = [
  ["rate/s", 9, (r) => amount(r.ratePerSecond)],
  ["p50 ms", 8, (r) => amount(r.p50Ms)],
  ["p99 ms", 8, (r) => amount(r.p99Ms)],
  ["commits", 8, (r) => amount(r.per.commits)],
  ["writes", 7, (r) => amount(r.per.writes)],
  ["fsyncs", 7, (r) => amount(r.per.walSyncs)],
  ["WAL B", 7, (r) => amount(r.per.walBytes)],
  ["disk B", 8, (r) => amount(r.per.diskBytes)],
  ["CPU ms", 7, (r) => amount(r.per.cpuSeconds * 1000)],
  ["load CPU ms", 12, (r) => amount(r.per.driverCpuSeconds * 1000)],
  ["PSS MB", 8, (r) => amount(r.pssBytes / 2 ** 20)],
  ["others' cores", 15, (r) => amount(r.othersCores)],
];

/** Three figures that count; nothing where it cannot be read. */
function amount(value) {
  if (value === undefined || Number.isNaN(value)) return "";
  if (Math.abs(value) < 0.01) return "0";
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

export function printContender({ name, version, notes }) {
  console.log(`${name} ${version}: ${notes.join("\n  ")}`);
}

/** One load: a row per contender (per unit of work from "commits" on), and our ratio to the best. */
export function printLoad({ title, bar }, medians) {
  console.log(`\n${title}`);
  console.log(`${"".padEnd(12)}${columns.map(([head, width]) => head.padStart(width)).join("")}`);
  for (const [name, result] of Object.entries(medians)) {
    const cells = columns.map(([, width, cell]) => cell(result).padStart(width));
    console.log(`${name.padEnd(12)}${cells.join("")}`);
  }
  const { Yardmaster: ours, ...others } = medians;
  const best = Math.max(...Object.values(others).map((each) => each.ratePerSecond));
  if (!ours || !Number.isFinite(best)) return;
  const ratio = ours.ratePerSecond / best;
  console.log(`ratio ${ratio.toFixed(2)} (bar ${bar}): ${ratio >= bar ? "reached" : "MISSED"}`);
}

/** Timings: `[{ title, seconds, barSeconds }]`. */
export function printSeconds(timings) {
  for (const { title, seconds, barSeconds } of timings) {
    const verdict = seconds <= barSeconds ? "reached" : "MISSED";
    console.log(`\n${title}: ${seconds.toFixed(2)} s (bar ${barSeconds} s): ${verdict}`);
  }
}

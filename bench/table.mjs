// What the bench prints.

const columns = [
  ["rate/s", 9, (r) => amount(r.ratePerSecond)],
  ["p50 ms", 8, (r) => amount(r.p50Ms)],
  ["p99 ms", 8, (r) => amount(r.p99Ms)],
  ["commits", 8, (r) => amount(r.per.commits)],
  ["writes", 7, (r) => amount(r.per.writes)],
  ["fsyncs", 7, (r) => amount(r.per.walSyncs)],
  ["WAL B", 7, (r) => amount(r.per.walBytes)],
  ["CPU ms", 7, (r) => amount(r.per.cpuSeconds * 1000)],
  ["load CPU ms", 12, (r) => amount(r.per.driverCpuSeconds * 1000)],
  ["PSS MB", 8, (r) => amount(r.pssBytes / 2 ** 20)],
  ["others' cores", 15, (r) => amount(r.othersCores)],
];

/** Three figures that count; nothing where it cannot be read. */
export function amount(value) {
  if (value === undefined || Number.isNaN(value)) return "";
  if (Math.abs(value) < 0.01) return "0";
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

export function printContender({ name, version, notes }) {
  console.log(`${name} ${version}: ${notes.join("\n  ")}`);
}

/** One load: a row per contender, per unit of work from "commits" on. */
export function printLoad({ title }, medians) {
  console.log(`\n${title}`);
  const names = Math.max(...Object.keys(medians).map((name) => name.length + 1), 12);
  console.log(
    `${"".padEnd(names)}${columns.map(([head, width]) => head.padStart(width)).join("")}`,
  );
  for (const [name, result] of Object.entries(medians)) {
    const cells = columns.map(([, width, cell]) => cell(result).padStart(width));
    console.log(`${name.padEnd(names)}${cells.join("")}`);
  }
}

/** What a load says of us: our rate as a multiple of the best of the others. Nothing where somebody is missing. */
export function verdictsOf({ title, bar }, { Yardmaster: ours, ...others }) {
  const [best] = Object.entries(others).sort(([, a], [, b]) => b.ratePerSecond - a.ratePerSecond);
  if (!ours || !best) return [];
  const [name, theirs] = best;
  const detail = `${amount(ours.ratePerSecond)}/s; ${name} ${amount(theirs.ratePerSecond)}/s`;
  const value = ours.ratePerSecond / theirs.ratePerSecond;
  const ratio = { title, detail, value, unit: "×", atLeast: bar };
  if (ours.unjudged === undefined) return [ratio];
  const late = { title: `${title}: unjudged 1 s later`, value: ours.unjudged, unit: "", atMost: 0 };
  return [ratio, late];
}

/** Without a bar it is there for comparison only. */
function verdictOf({ value, atLeast, atMost }) {
  if (atLeast === undefined && atMost === undefined) return "";
  return value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity) ? "reached" : "MISSED";
}

function barOf({ unit, atLeast, atMost }) {
  if (atLeast !== undefined && atLeast === atMost) return `= ${atLeast}`;
  const sign = atLeast === undefined ? "≤" : "≥";
  const bar = atLeast ?? atMost;
  return bar === undefined ? "" : `${sign} ${bar} ${unit}`.trim();
}

/** `[{ title, value, unit, atLeast?, atMost?, detail? }]`: what was measured, what it must be, and whether it is. */
export function printResults(results) {
  const rows = results.map((each) => [
    each.title,
    `${amount(each.value)} ${each.unit}`.trim(),
    barOf(each),
    verdictOf(each),
    each.detail ?? "",
  ]);
  const all = [["measure", "value", "bar", "", ""], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column].length)));
  for (const row of all) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
}

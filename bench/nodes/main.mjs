// The bench of remote machines: `npm run bench:nodes -- [--quick] [--rounds N] [--measures a,b] [--sshd PATH]`.
// Legs of the contenders alternate (A B A B); what is printed are medians over the rounds.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createHouse } from "../house.mjs";
import { isBuilt } from "../legs/yard-server.mjs";
import { printResults } from "../table.mjs";
import { measureCalls } from "./calls.mjs";
import { measureConnect } from "./connect.mjs";
import { measureCrowd } from "./crowd.mjs";
import { measureExec } from "./exec.mjs";
import { measureOffline } from "./offline.mjs";
import { measureOutput } from "./output.mjs";
import { YARD_NODE } from "./place.mjs";
import { measureRevoke } from "./revoke.mjs";

const measures = {
  exec: measureExec,
  calls: measureCalls,
  crowd: measureCrowd,
  output: measureOutput,
  offline: measureOffline,
  revoke: measureRevoke,
  connect: measureConnect,
};

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
    measures: { type: "string", default: Object.keys(measures).join(",") },
    sshd: { type: "string" },
  },
});
const { quick } = flags;
const scale = {
  quick,
  durationMs: quick ? 5_000 : 30_000,
  warmUpMs: quick ? 2_000 : 5_000,
  rounds: Number(flags.rounds),
  sshd: flags.sshd,
};

/** The measures asked for, each one known. */
function chosen() {
  const keys = flags.measures.split(",");
  const unknown = keys.filter((key) => !Object.hasOwn(measures, key));
  if (unknown.length === 0) return keys;
  const known = Object.keys(measures).join(", ");
  throw new Error(`--measures: ${unknown.join(", ")} is not one of ${known}`);
}

/** A measure that fails is told, and must not lose the others. */
async function attempt(key, house) {
  try {
    return await measures[key](house, scale);
  } catch (error) {
    console.error(`\n${key} FAILED:`, error);
    process.exitCode = 1;
    return [];
  }
}

function save(figures) {
  const folder = new URL("../results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL(`nodes-${new Date().toISOString().replaceAll(":", "-")}.json`, folder);
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
  console.log(`\nAll figures: ${fileURLToPath(file)}`);
}

async function bench(house) {
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  const machine = `${cpus().length} × ${cpus()[0].model}, ${memoryGb} GB, Node ${process.version}`;
  const { durationMs, rounds } = scale;
  console.log(`${machine}; legs of ${durationMs / 1000} s, ${rounds} rounds, medians`);
  const results = [];
  for (const key of chosen()) results.push(...(await attempt(key, house)));
  console.log();
  printResults(results);
  save({ machine, flags, results });
}

if (!isBuilt() || !existsSync(YARD_NODE)) {
  console.error("Yardmaster is not built: npm run build");
  process.exit(2);
}
const house = createHouse();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
try {
  await bench(house);
} finally {
  await house.close();
}

// The bench: `npm run bench -- [--quick] [--rounds N] [--rows N] [--only a,b] [--measures a,b]`.
// Legs of the contenders alternate (A B A B); what is printed are medians over the rounds.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createHouse } from "./house.mjs";
import { measureKilledWorker } from "./killed.mjs";
import { createDbos } from "./legs/dbos.mjs";
import { createRestate } from "./legs/restate.mjs";
import { createSpawn } from "./legs/spawn.mjs";
import { createYard } from "./legs/yard.mjs";
import { isBuilt } from "./legs/yard-server.mjs";
import { drive, medianOf } from "./measure.mjs";
import { measureStarts } from "./starts.mjs";
import { printContender, printLoad, printSeconds } from "./table.mjs";

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string", default: "2" },
    rows: { type: "string", default: "1000000" },
    only: { type: "string", default: "yard,dbos,restate,spawn" },
    measures: { type: "string", default: "three50,three1,process8,start,killed" },
  },
});
const durationMs = flags.quick ? 10_000 : 60_000;
const warmUpMs = flags.quick ? 3_000 : 10_000;
const rounds = Number(flags.rounds);

const contenders = {
  yard: { open: createYard, works: ["three", "process"] },
  dbos: { open: createDbos, works: ["three"] },
  restate: { open: createRestate, works: ["three"] },
  spawn: { open: createSpawn, works: ["process"] },
};

/** `bar`: the least that our rate must be, as a multiple of the best of the others. */
const loads = [
  {
    key: "three50",
    work: "three",
    inFlight: 50,
    bar: 10,
    title: "three durable steps, 50 in flight",
  },
  { key: "three1", work: "three", inFlight: 1, bar: 3, title: "three durable steps, 1 in flight" },
  { key: "process8", work: "process", inFlight: 8, bar: 0.7, title: "/bin/true, 8 at once" },
];

const timings = [
  { key: "start", measure: measureStarts },
  { key: "killed", measure: measureKilledWorker },
];

/** The values of a flag that is a list, each one known. */
function chosen(flag, known) {
  const values = flags[flag].split(",");
  const unknown = values.filter((value) => !known.includes(value));
  if (unknown.length === 0) return values;
  throw new Error(`--${flag}: ${unknown.join(", ")} is not one of ${known.join(", ")}`);
}

const players = chosen("only", Object.keys(contenders));
const wanted = chosen(
  "measures",
  [...loads, ...timings].map(({ key }) => key),
);
const wantedLoads = loads.filter(({ key }) => wanted.includes(key));

async function openAll(house, opened) {
  for (const key of players) {
    const { open, works } = contenders[key];
    if (!wantedLoads.some(({ work }) => works.includes(work))) continue;
    if (key === "yard" && !isBuilt()) {
      console.log("Yardmaster: not built (npm run build), skipped");
      continue;
    }
    opened.push(await open(house, { rows: Number(flags.rows) }));
    printContender(opened.at(-1));
  }
}

async function leg(contender, { work, inFlight }) {
  const { once, leg: ownLeg, close } = await contender.measures[work](inFlight);
  try {
    const options = { inFlight, warmUpMs, durationMs };
    const { readCost } = contender;
    const result = await (ownLeg ? ownLeg(options) : drive({ ...options, once, readCost }));
    return { ...result, pssBytes: contender.pssBytes() };
  } finally {
    await close();
  }
}

async function runLoad(load, opened) {
  const able = opened.filter((contender) => contender.measures[load.work]);
  const results = new Map(able.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of able) results.get(contender.name).push(await leg(contender, load));
  }
  const medians = Object.fromEntries([...results].map(([name, legs]) => [name, medianOf(legs)]));
  printLoad(load, medians);
  return { medians, legs: Object.fromEntries(results) };
}

function save(results) {
  const folder = new URL("results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL(`${new Date().toISOString().replaceAll(":", "-")}.json`, folder);
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  console.log(`\nAll figures: ${fileURLToPath(file)}`);
}

async function bench(house, opened) {
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  const machine = `${cpus().length} × ${cpus()[0].model}, ${memoryGb} GB, Node ${process.version}`;
  console.log(`${machine}; legs of ${durationMs / 1000} s, ${rounds} rounds, medians\n`);
  await openAll(house, opened);
  const results = { machine, flags };
  for (const load of wantedLoads) {
    results[load.key] = await runLoad(load, opened);
  }
  for (const { key, measure } of timings.filter((each) => wanted.includes(each.key))) {
    if (!isBuilt() || !players.includes("yard")) continue;
    results[key] = await measure(house);
    printSeconds(results[key]);
  }
  save(results);
}

const house = createHouse();
const opened = [];
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
try {
  await bench(house, opened);
} finally {
  for (const contender of opened) await contender.close();
  await house.close();
}

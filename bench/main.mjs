// The bench: `npm run bench -- [--quick] [--rounds N] [--rows N] [--only a,b] [--measures a,b]`.
// Legs of the contenders alternate (A B A B); what is printed are medians over the rounds.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureClaims } from "./claim.mjs";
import { measureIdle, measureMemory } from "./footprint.mjs";
import { measureFour } from "./four.mjs";
import { createHouse } from "./house.mjs";
import { measureKilledWorker } from "./killed.mjs";
import { createBareInsert } from "./legs/bare-insert.mjs";
import { createBareRoute } from "./legs/bare-route.mjs";
import { createDbos } from "./legs/dbos.mjs";
import { createGraphile } from "./legs/graphile.mjs";
import { createRestate } from "./legs/restate.mjs";
import { createSpawn } from "./legs/spawn.mjs";
import { createYard } from "./legs/yard.mjs";
import { isBuilt } from "./legs/yard-server.mjs";
import { drive, medianOf } from "./measure.mjs";
import { measurePage } from "./page.mjs";
import { measureStarts } from "./starts.mjs";
import { printContender, printLoad, printResults, verdictsOf } from "./table.mjs";
import { measureWebhookLatency } from "./webhook-latency.mjs";

const PLAYERS = "yard,dbos,restate,spawn,graphile,insert,route";
const MEASURES =
  "three50,three1,process8,backlog,enqueue1,webhooks1k,webhooks8k," +
  "start,killed,latency,claim,four,idle,memory,page";

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string", default: "2" },
    rows: { type: "string" },
    only: { type: "string", default: PLAYERS },
    measures: { type: "string", default: MEASURES },
  },
});
const { quick } = flags;
const durationMs = quick ? 10_000 : 60_000;
const warmUpMs = quick ? 2_000 : 10_000;
const rounds = Number(flags.rounds);
const rows = Number(flags.rows ?? (quick ? 100_000 : 1_000_000));

const contenders = {
  yard: { open: createYard, works: ["three", "process", "backlog", "enqueue", "webhook"] },
  dbos: { open: createDbos, works: ["three"] },
  restate: { open: createRestate, works: ["three"] },
  spawn: { open: createSpawn, works: ["process"] },
  graphile: { open: createGraphile, works: ["backlog"] },
  insert: { open: createBareInsert, works: ["enqueue"] },
  route: { open: createBareRoute, works: ["webhook"] },
};

const jobs = quick ? 20_000 : 300_000;

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
  { key: "backlog", work: "backlog", jobs, bar: 1, title: `a backlog of ${jobs} no-op runs` },
  {
    key: "enqueue1",
    work: "enqueue",
    inFlight: 1,
    bar: 0.5,
    title: "enqueue one by one, one connection",
  },
  {
    key: "webhooks1k",
    work: "webhook",
    inFlight: 100,
    bytes: 1_229,
    bar: 0.2,
    title: "signed webhooks of 1.2 KB, 100 in flight",
  },
  {
    key: "webhooks8k",
    work: "webhook",
    inFlight: 100,
    bytes: 8_192,
    bar: 0.12,
    title: "signed webhooks of 8 KB, 100 in flight",
  },
];

const systems = [
  { key: "start", measure: measureStarts },
  { key: "killed", measure: measureKilledWorker },
  { key: "latency", measure: measureWebhookLatency },
  { key: "claim", measure: measureClaims },
  { key: "four", measure: measureFour },
  { key: "idle", measure: measureIdle },
  { key: "memory", measure: measureMemory },
  { key: "page", measure: measurePage },
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
  [...loads, ...systems].map(({ key }) => key),
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
    opened.push(await open(house, { rows }));
    printContender(opened.at(-1));
  }
}

async function leg(contender, load) {
  const measure = await contender.measures[load.work](load);
  try {
    const { once, leg: ownLeg, readCost = contender.readCost } = measure;
    const options = { inFlight: load.inFlight, warmUpMs, durationMs };
    const result = await (ownLeg ? ownLeg(options) : drive({ ...options, once, readCost }));
    const pssBytes = (measure.pssBytes ?? contender.pssBytes)();
    return { ...result, pssBytes, ...(await measure.after?.()) };
  } finally {
    await measure.close();
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

/** A measure that fails is told, and must not lose the others. */
async function attempt(key, measure) {
  try {
    return await measure();
  } catch (error) {
    console.error(`\n${key} FAILED:`, error);
    process.exitCode = 1;
    return undefined;
  }
}

async function bench(house, opened) {
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  const machine = `${cpus().length} × ${cpus()[0].model}, ${memoryGb} GB, Node ${process.version}`;
  console.log(`${machine}; legs of ${durationMs / 1000} s, ${rounds} rounds, medians\n`);
  await openAll(house, opened);
  const figures = { machine, flags };
  const results = [];
  for (const load of wantedLoads) {
    const found = await attempt(load.key, () => runLoad(load, opened));
    if (found === undefined) continue;
    figures[load.key] = found;
    results.push(...verdictsOf(load, found.medians));
  }
  await closeAll(opened);
  // Alone there is nobody to alternate with: a quick look needs no second round.
  const scale = { quick, durationMs, warmUpMs, rounds: quick ? 1 : rounds, rows };
  for (const { key, measure } of systems.filter((each) => wanted.includes(each.key))) {
    if (!isBuilt() || !players.includes("yard")) continue;
    const found = await attempt(key, () => measure(house, scale));
    if (found !== undefined) results.push(...found);
  }
  console.log();
  printResults(results);
  save({ ...figures, results });
}

async function closeAll(opened) {
  while (opened.length > 0) await opened.pop().close();
}

const house = createHouse();
const opened = [];
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
try {
  await bench(house, opened);
} finally {
  await closeAll(opened);
  await house.close();
}

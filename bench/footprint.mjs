// What the product takes with its embedded PostgreSQL, as it is started without any configuration: at rest,
// and after very many runs.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openConnection } from "./http.mjs";
import { launchYard, portOf, runOf } from "./legs/yard-server.mjs";
import { connect } from "./postgres.mjs";
import { cpuSecondsOf, pssBytesOf, treeOf } from "./processes.mjs";

const IN_FLIGHT = 50;
const RUNS_BEFORE_REST = 200;
const SETTLE_MS = 5_000;
const MEGABYTE = 1_000_000;

/** `count` runs of this ref through the API, each waited for. */
async function carryOut(port, count, ref, input) {
  const request = runOf(port, ref, input);
  let left = count;
  async function caller() {
    const connection = await openConnection(port);
    while (left-- > 0) {
      const { status, body } = await connection.send(request);
      if (status !== 200) throw new Error(`Yardmaster: ${status} ${body}`);
    }
    connection.close();
  }
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count) }, caller));
}

function embeddedIn(folder) {
  const { home, url } = JSON.parse(readFileSync(`${folder}/data/postgres.json`, "utf8"));
  return { home: resolve(`${folder}/data`, home), url };
}

/** Statements that PostgreSQL carries out in `ms`, this question left out. */
async function statementsIn(url, ms) {
  const client = await connect(url);
  const read = async () => {
    const { rows } = await client.query("SELECT sum(calls)::int AS calls FROM pg_stat_statements");
    return rows[0].calls;
  };
  const before = await read();
  await delay(ms);
  const after = await read();
  await client.end();
  return after - before - 1;
}

async function visiting(house, folder, use) {
  const program = launchYard(house, folder);
  const port = await portOf(program);
  try {
    return await use({ port, pids: () => treeOf(program.pid) });
  } finally {
    await program.stop();
  }
}

const pssMegabytes = (pids) => pssBytesOf(pids()) / MEGABYTE;

/** Processor time and memory, without anybody connected but the product. */
async function rest({ pids }, durationMs) {
  await delay(SETTLE_MS);
  const began = performance.now();
  const before = cpuSecondsOf(pids());
  await delay(durationMs);
  const cpuSeconds = cpuSecondsOf(pids()) - before;
  const share = (cpuSeconds / (performance.now() - began)) * 1000 * 100;
  return { share, megabytes: pssMegabytes(pids) };
}

export async function measureIdle(house, { durationMs }) {
  const folder = house.folder("idle");
  await visiting(house, folder, ({ port }) =>
    carryOut(port, RUNS_BEFORE_REST, "bench.three", { n: 1 }),
  );
  const { share, megabytes } = await visiting(house, folder, (place) => rest(place, durationMs));
  const { home, url } = embeddedIn(folder);
  const preload = "shared_preload_libraries = 'pg_stat_statements'\n";
  writeFileSync(`${home}/cluster/custom.conf`, preload);
  const statements = await visiting(house, folder, async () => {
    const client = await connect(url);
    await client.query("CREATE EXTENSION pg_stat_statements");
    await client.end();
    await delay(SETTLE_MS);
    return statementsIn(url, durationMs);
  });
  return [
    { title: "idle: queries", value: statements / (durationMs / 1000), unit: "/s", atMost: 2 },
    { title: "idle: CPU, with PostgreSQL", value: share, unit: "% of a core", atMost: 1 },
    { title: "idle: PSS with PostgreSQL", value: megabytes, unit: "MB", atMost: 250 },
  ];
}

export async function measureMemory(house, { quick, rows }) {
  const runs = quick ? rows / 4 : rows;
  const folder = house.folder("memory");
  const megabytes = await visiting(house, folder, async ({ port, pids }) => {
    await carryOut(port, runs, "core.noop", {});
    await delay(SETTLE_MS);
    return pssMegabytes(pids);
  });
  const title = `PSS with PostgreSQL after ${runs} runs`;
  return [{ title, value: megabytes, unit: "MB", atMost: 300 }];
}

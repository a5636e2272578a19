// Signed webhooks at a steady rate, whether or not the ones before were answered (an open loop): from the
// moment when each should have been sent to the moment when the first step of its run has started.
//
// Who says that it has started: the step's own process, whose first act is to write into a pipe that this
// process reads and stamps by its own clock. So the figure holds the start of `/bin/sh`, which no product
// can take away, and no word of the server's is believed. Beside it, without a bar: to the answer of a webhook
// whose first step is a core action, which has ended when the answer comes.
import { spawnSync } from "node:child_process";
import { constants, openSync } from "node:fs";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { openConnection } from "./http.mjs";
import { launchYard, portOf } from "./legs/yard-server.mjs";
import { median, percentiles } from "./measure.mjs";
import { startPostgres } from "./postgres.mjs";
import { until } from "./wait.mjs";
import { deliveryOf } from "./webhooks.mjs";

const RATE_PER_SECOND = 200;
const CONNECTIONS = 64;

/** A pipe by name that children write lines into; each is handed on with the time when it was read. */
function openLedger(path) {
  const { status, stderr } = spawnSync("mkfifo", [path], { encoding: "utf8" });
  if (status !== 0) throw new Error(`mkfifo failed: ${stderr}`);
  // For reading and writing: so it neither waits for a first writer nor ends with the last.
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const socket = new Socket({ fd, readable: true, writable: false });
  const entries = new Map();
  createInterface({ input: socket }).on("line", (line) => {
    entries.set(JSON.parse(line).key, performance.now());
  });
  return { entries, close: () => socket.destroy() };
}

/** Connections that each have one request under way; a request that finds none free waits on its own time. */
async function openPool(port) {
  const all = await Promise.all(Array.from({ length: CONNECTIONS }, () => openConnection(port)));
  const idle = [...all];
  const waiting = [];
  async function send(request) {
    const connection = idle.pop() ?? (await new Promise((resolve) => waiting.push(resolve)));
    const { status, body } = await connection.send(request);
    const next = waiting.shift();
    if (next) next(connection);
    else idle.push(connection);
    if (status !== 200) throw new Error(`Yardmaster: ${status} ${body}`);
  }
  return {
    send,
    close() {
      for (const connection of all) connection.close();
    },
  };
}

/** Sends these requests at the rate; for each, when it should have left and when it was answered. */
async function sendSteadily(pool, requests) {
  const began = performance.now() + 100;
  const sent = requests.map(async (request, n) => {
    const dueMs = began + (n * 1000) / RATE_PER_SECOND;
    await delay(dueMs - performance.now());
    await pool.send(request);
    return { dueMs, answeredMs: performance.now() };
  });
  return Promise.all(sent);
}

/** Milliseconds to the start of each first step; the step is a process. */
async function toStarted({ port, pool, ledger }, keys) {
  const requests = keys.map((after) => deliveryOf(port, "push", { ref: "refs/heads/main", after }));
  const sent = await sendSteadily(pool, requests);
  await until("every first step", () => keys.every((key) => ledger.entries.has(key)));
  return keys.map((key, n) => ledger.entries.get(key) - sent[n].dueMs);
}

/** Milliseconds to the answer that says that the run is durable, with its first step, a core action. */
async function toAnswered({ port, pool }, keys) {
  const requests = keys.map((ref) => deliveryOf(port, "create", { ref, ref_type: "branch" }));
  const sent = await sendSteadily(pool, requests);
  return sent.map(({ dueMs, answeredMs }) => answeredMs - dueMs);
}

let series = 0;

function keysFor(durationMs) {
  const prefix = `key-${++series}`;
  const count = Math.round((durationMs / 1000) * RATE_PER_SECOND);
  return Array.from({ length: count }, (_, n) => `${prefix}-${n}`);
}

export async function measureWebhookLatency(house, { durationMs, warmUpMs, rounds }) {
  const postgres = await startPostgres(house, "webhook-postgres");
  await postgres.query("CREATE DATABASE yard");
  const folder = house.folder("webhook");
  const env = { DATABASE_URL: postgres.url("yard"), HOME: folder };
  const server = launchYard(house, folder, { env });
  const port = await portOf(server);
  const pool = await openPool(port);
  const ledger = openLedger(`${folder}/started`);
  const place = { port, pool, ledger };
  const legs = { started: [], answered: [] };
  try {
    await toStarted(place, keysFor(warmUpMs));
    for (let round = 0; round < rounds; round += 1) {
      legs.started.push(percentiles(await toStarted(place, keysFor(durationMs))));
      legs.answered.push(percentiles(await toAnswered(place, keysFor(durationMs / 2))));
    }
  } finally {
    pool.close();
    ledger.close();
    await server.stop();
    await postgres.stop();
  }
  const of = (leg, key) => median(legs[leg].map((each) => each[key]));
  const title = `webhooks at ${RATE_PER_SECOND}/s, in → first step's process runs`;
  const answered = `webhooks at ${RATE_PER_SECOND}/s, in → answered, its first step (core) ended`;
  return [
    { title: `${title}, p50`, value: of("started", "p50Ms"), unit: "ms", atMost: 5 },
    { title: `${title}, p99`, value: of("started", "p99Ms"), unit: "ms", atMost: 25 },
    { title: `${answered}, p50`, value: of("answered", "p50Ms"), unit: "ms" },
    { title: `${answered}, p99`, value: of("answered", "p99Ms"), unit: "ms" },
  ];
}

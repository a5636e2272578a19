// A thousand connected nodes: what they cost the server, and whether any frame gets lost among them.
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openConnection } from "../http.mjs";
import { percentiles } from "../measure.mjs";
import { pssBytesOf, treeOf } from "../processes.mjs";
import { amount } from "../table.mjs";
import { startPlace } from "./place.mjs";

const CLIENTS = fileURLToPath(new URL("crowd-clients.mjs", import.meta.url));
const NODES = 1_000;
const PROCESSES = 2;
const CALLERS = 16;
/** Within it the server asks each node for a sign of life at least once. */
const LEAST_MS = 20_000;
const SETTLE_MS = 5_000;
const MOST_MB = 300;
const MEGABYTE = 1_000_000;

export async function measureCrowd(house, { durationMs }) {
  const place = await startPlace(house, "crowd");
  try {
    await warmUp(place);
    const before = memoryOf(place);
    const nodes = await pairAll(place);
    const crowd = await connectAll(house, place.port, nodes);
    await delay(SETTLE_MS);
    const idle = memoryOf(place);
    await metricsOf(place.port);
    const calls = await askAll(place, nodes, Math.max(durationMs, LEAST_MS));
    const metrics = await metricsOf(place.port);
    const busy = memoryOf(place);
    // What is on its way arrives.
    await delay(SETTLE_MS);
    const seen = await crowd.report();
    await crowd.close();
    return verdicts({ before, idle, busy, calls, metrics, seen });
  } finally {
    await place.close();
  }
}

/** What the first requests bring into memory is not the crowd's. */
async function warmUp(place) {
  await place.startNode("first");
  const connection = await openConnection(place.port);
  const request = place.execOf("first", { argv: ["/bin/true"] });
  for (let n = 0; n < 500; n += 1) await connection.send(request);
  connection.close();
  await delay(SETTLE_MS);
}

function memoryOf({ server, postgres }) {
  return {
    server: pssBytesOf(treeOf(server.pid)) / MEGABYTE,
    postgres: pssBytesOf(postgres.pids()) / MEGABYTE,
  };
}

/** `[{ name, token }]` */
async function pairAll(place) {
  const names = Array.from({ length: NODES }, (_, n) => `node-${n}`);
  return await sharedOut(names, async (name) => ({ name, token: await place.pairForGood(name) }));
}

/** What `work` gives for each, several at a time. */
async function sharedOut(items, work) {
  const results = [];
  let next = 0;
  async function caller() {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]);
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return results;
}

async function connectAll(house, port, nodes) {
  const share = NODES / PROCESSES;
  const processes = await Promise.all(
    Array.from({ length: PROCESSES }, async (_, n) => {
      const clients = house.start(process.execPath, [CLIENTS], {
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      });
      clients.child.send({ port, nodes: nodes.slice(n * share, (n + 1) * share) });
      await answerOf(clients);
      return clients;
    }),
  );
  return {
    /** The sums over all. */
    async report() {
      const reports = await Promise.all(
        processes.map(async (clients) => {
          clients.child.send("report");
          return await answerOf(clients);
        }),
      );
      const keys = Object.keys(reports[0]);
      return Object.fromEntries(keys.map((key) => [key, reports.reduce((n, r) => n + r[key], 0)]));
    },
    async close() {
      for (const { child, ended } of processes) {
        child.disconnect();
        await ended;
      }
    },
  };
}

async function answerOf({ child, ended, output }) {
  const failed = ended.then(() => Promise.reject(new Error(`the crowd's clients: ${output()}`)));
  const [answer] = await Promise.race([once(child, "message"), failed]);
  return answer;
}

/** Numbered calls to one node after the other, all of them equally often. */
async function askAll(place, nodes, durationMs) {
  const connections = await Promise.all(
    Array.from({ length: CALLERS }, () => openConnection(place.port)),
  );
  const latencies = [];
  let asked = 0;
  let lost = 0;
  const began = performance.now();
  const isOver = () => performance.now() - began >= durationMs && asked % NODES === 0;
  async function caller(connection) {
    while (!isOver()) {
      const number = asked++;
      const { name } = nodes[number % NODES];
      const request = place.execOf(name, { argv: ["number", String(number)] });
      const sent = performance.now();
      const { status, body } = await connection.send(request);
      latencies.push(performance.now() - sent);
      if (status !== 200 || JSON.parse(body).stdout !== `${name} ${number}`) lost += 1;
    }
  }
  await Promise.all(connections.map(caller));
  const seconds = (performance.now() - began) / 1_000;
  for (const connection of connections) connection.close();
  return { asked, lost, ratePerSecond: asked / seconds, ...percentiles(latencies) };
}

/** Values by name and labels, as they stand in the text; the lag of the event loop is since the last call. */
async function metricsOf(port) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.startsWith("yard_"));
  const values = new Map(lines.map((line) => line.split(/ (?=\S+$)/)));
  return (name) => Number(values.get(name) ?? 0);
}

function verdicts({ before, idle, busy, calls, metrics, seen }) {
  const grown = (after, of) => after[of] - before[of];
  const [connected, badFrames, lateFrames] = [
    'yard_node_links{state="connected"}',
    "yard_node_bad_frames_total",
    "yard_node_late_frames_total",
  ].map(metrics);
  const lag = (quantile) => metrics(`yard_event_loop_lag_seconds{quantile="${quantile}"}`) * 1_000;
  // The crowd, and the node that was there before.
  const missing = NODES + 1 - connected;
  const unanswered = seen.pings - seen.pongs + seen.unasked + badFrames + lateFrames;
  return [
    {
      title: `${NODES} nodes: growth of the server (PSS)`,
      value: Math.max(grown(idle, "server"), grown(busy, "server")),
      unit: "MB",
      atMost: MOST_MB,
      detail: `connected ${amount(grown(idle, "server"))}, with calls ${amount(grown(busy, "server"))}, PostgreSQL beside it ${amount(grown(busy, "postgres"))}; before ${amount(before.server)}`,
    },
    {
      title: `${NODES} nodes: frames or links lost`,
      value: calls.lost + missing + seen.closes + unanswered + (calls.asked - seen.execs),
      unit: "",
      atMost: 0,
      detail: `${calls.asked} numbered calls, ${seen.pings} pings of nodes, ${seen.serverPings} of the server`,
    },
    {
      title: `${NODES} nodes: event-loop lag meanwhile (p99)`,
      value: lag("0.99"),
      unit: "ms",
      detail: `max ${amount(lag("1"))}, p50 ${amount(lag("0.5"))}; ${amount(calls.ratePerSecond)} calls/s, p50 ${amount(calls.p50Ms)} ms, p99 ${amount(calls.p99Ms)} ms`,
    },
  ];
}

// Yardmaster: one process with all roles, driven through its HTTP API, a million runs present.
import { setTimeout as delay } from "node:timers/promises";
import { openConnection } from "../http.mjs";
import { versionOf } from "../installed.mjs";
import { connect, startPostgres } from "../postgres.mjs";
import { pssBytesOf, treeOf } from "../processes.mjs";
import { webhookLoop } from "../webhooks.mjs";
import { yardBacklog } from "./yard-backlog.mjs";
import { readCost } from "./yard-cost.mjs";
import { enqueueOf, furnish, hasSucceeded, launchYard, portOf, runOf } from "./yard-server.mjs";

/** One closed loop of runs, one connection per caller; anything but `isGood` ends the leg. */
async function requests({ port, inFlight, request, isGood }) {
  const connections = await Promise.all(
    Array.from({ length: inFlight }, () => openConnection(port)),
  );
  return {
    async once(slot) {
      const answer = await connections[slot].send(request);
      if (!isGood(answer)) throw new Error(`Yardmaster: ${answer.status} ${answer.body}`);
    },
    async close() {
      for (const connection of connections) connection.close();
    },
  };
}

const isQueued = ({ status, body }) => status === 202 && /"status": ?"queued"/.test(body);

function runs(port, inFlight, request) {
  return requests({ port, inFlight, request, isGood: hasSucceeded });
}

/** Enqueuing alone: in a database of its own, and no worker there. */
async function enqueuing(house, { postgres, folder }) {
  await postgres.query("DROP DATABASE IF EXISTS enqueue");
  await postgres.query("CREATE DATABASE enqueue");
  const env = { DATABASE_URL: postgres.url("enqueue") };
  const server = launchYard(house, folder, { args: ["--roles", "api,scheduler"], env });
  const port = await portOf(server);
  const request = enqueueOf(port, "core.noop", {});
  const { once, close } = await requests({ port, inFlight: 1, request, isGood: isQueued });
  return {
    once,
    readCost: () => readCost(postgres, server),
    async close() {
      await close();
      await server.stop();
    },
  };
}

const JUDGED_WITHIN_MS = 1_000;

/** Events that some rule has not judged, among those that came since the leg began. */
const UNJUDGED = `
SELECT count(*)::int AS count
FROM events e LEFT JOIN (
  SELECT event_id, count(*) AS rules FROM decisions WHERE status = 'not_matched' GROUP BY event_id
) judged ON judged.event_id = e.id
WHERE e.received_at >= $1 AND rules IS DISTINCT FROM 3`;

async function webhooks({ port, url, inFlight, bytes }) {
  const client = await connect(url);
  const since = new Date();
  const loop = await webhookLoop({ port, inFlight, bytes, name: "Yardmaster" });
  return {
    once: loop.once,
    async after() {
      await delay(JUDGED_WITHIN_MS);
      const { rows } = await client.query(UNJUDGED, [since]);
      return { unjudged: rows[0].count };
    },
    async close() {
      await loop.close();
      await client.end();
    },
  };
}

export async function createYard(house, { rows }) {
  const postgres = await startPostgres(house, "yard-postgres");
  await postgres.query("CREATE DATABASE yard");
  const folder = house.folder("yard");
  const url = postgres.url("yard");
  await furnish(house, folder, url, { finished: rows });
  const server = launchYard(house, folder, { env: { DATABASE_URL: url } });
  const port = await portOf(server);

  const pids = () => [...treeOf(server.pid), ...postgres.pids()];
  return {
    name: "Yardmaster",
    version: versionOf("../../packages/server"),
    notes: [
      `one process, all roles, HTTP API; PostgreSQL ${await postgres.policy()}`,
      `${rows} finished runs present`,
    ],
    measures: {
      three: ({ inFlight }) => runs(port, inFlight, runOf(port, "bench.three", { n: 1 })),
      process: ({ inFlight }) => runs(port, inFlight, runOf(port, "bench.true", {})),
      enqueue: () => enqueuing(house, { postgres, folder }),
      webhook: ({ inFlight, bytes }) => webhooks({ port, url, inFlight, bytes }),
      backlog: ({ jobs }) => yardBacklog(house, { postgres, folder, jobs }),
    },
    readCost: () => readCost(postgres, server),
    pssBytes: () => pssBytesOf(pids()),
    async close() {
      await server.stop();
      await postgres.stop();
    },
  };
}

// Yardmaster: one process with all roles, driven through its HTTP API, a million runs present.
import { openConnection, postOf } from "../http.mjs";
import { versionOf } from "../installed.mjs";
import { startPostgres } from "../postgres.mjs";
import { cpuSecondsOf, diskBytesOf, pssBytesOf, treeOf } from "../processes.mjs";
import { fillRows } from "../rows.mjs";
import { launchYard, portOf, TOKEN } from "./yard-server.mjs";

const HEADERS = { authorization: `Bearer ${TOKEN}`, prefer: "wait=30" };

/** A POST that starts a run and waits for its end. */
export function runOf(port, ref, input) {
  return postOf({ port, path: "/v1/runs", headers: HEADERS, body: { ref, input } });
}

/** One closed loop of runs, one connection per caller; anything but success ends the leg. */
async function runs(port, inFlight, request) {
  const connections = await Promise.all(
    Array.from({ length: inFlight }, () => openConnection(port)),
  );
  return {
    async once(slot) {
      const { status, body } = await connections[slot].send(request);
      if (status !== 200 || !/"status": ?"success"/.test(body)) {
        throw new Error(`Yardmaster: ${status} ${body}`);
      }
    },
    async close() {
      for (const connection of connections) connection.close();
    },
  };
}

export async function createYard(house, { rows }) {
  const postgres = await startPostgres(house, "yard-postgres");
  await postgres.query("CREATE DATABASE yard");
  const folder = house.folder("yard");
  const env = { DATABASE_URL: postgres.url("yard") };
  const first = launchYard(house, folder, { env });
  await portOf(first);
  await first.stop();
  const filled = await fillRows(postgres.url("yard"), rows);
  const server = launchYard(house, folder, { env });
  const port = await portOf(server);

  const pids = () => [...treeOf(server.pid), ...postgres.pids()];
  async function readCost() {
    const counters = await postgres.counters();
    const cpuSeconds = counters.cpuSeconds + cpuSecondsOf(treeOf(server.pid));
    return { ...counters, cpuSeconds, diskBytes: diskBytesOf(pids()) };
  }

  return {
    name: "Yardmaster",
    version: versionOf("../../packages/server"),
    notes: [
      `one process, all roles, HTTP API; PostgreSQL ${await postgres.policy()}`,
      `${filled} finished runs present`,
    ],
    measures: {
      three: (inFlight) => runs(port, inFlight, runOf(port, "bench.three", { n: 1 })),
      process: (inFlight) => runs(port, inFlight, runOf(port, "bench.true", {})),
    },
    readCost,
    pssBytes: () => pssBytesOf(pids()),
    async close() {
      await server.stop();
      await postgres.stop();
    },
  };
}

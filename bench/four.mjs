// Four processes on one PostgreSQL beside one process on it: the same load, spread over all of them. Beside it
// runs a queue with a limit, and an outside ledger into which its attempts write says whether the limit held.
import { readFileSync, writeFileSync } from "node:fs";
import { openConnection } from "./http.mjs";
import { readCost } from "./legs/yard-cost.mjs";
import { hasSucceeded, launchYard, portOf, runOf } from "./legs/yard-server.mjs";
import { drive, medianOf } from "./measure.mjs";
import { startPostgres } from "./postgres.mjs";

const IN_FLIGHT = 48;
const LIMITED_CALLERS = 8;
/** As in packs/bench/queues/limited.yaml. */
const LIMIT = 3;

async function startGroup(house, { name, size, postgres }) {
  await postgres.query(`CREATE DATABASE ${name}`);
  const folder = house.folder(name);
  const ledger = `${folder}/limited`;
  writeFileSync(ledger, "");
  const servers = [];
  const ports = [];
  for (let n = 0; n < size; n += 1) {
    const data = { YARD_DATA: `${folder}/data-${n}`, HOME: folder };
    const env = { DATABASE_URL: postgres.url(name), ...data };
    servers.push(launchYard(house, folder, { env }));
    ports.push(await portOf(servers.at(-1)));
  }
  return { name, servers, ports, ledger };
}

/** `count` callers spread over the ports; `once(slot)` starts a run and waits for its end. */
async function callers(ports, count, ref, input) {
  const slots = await Promise.all(
    Array.from({ length: count }, async (_, slot) => {
      const port = ports[slot % ports.length];
      return { connection: await openConnection(port), request: runOf(port, ref, input) };
    }),
  );
  return {
    async once(slot) {
      const answer = await slots[slot].connection.send(slots[slot].request);
      if (!hasSucceeded(answer)) throw new Error(`Yardmaster: ${answer.status} ${answer.body}`);
    },
    close() {
      for (const { connection } of slots) connection.close();
    },
  };
}

/** Keeps the limited queue full until `stop()`, which resolves when the last of its runs has ended. */
async function crowdQueue(ports) {
  const { once, close } = await callers(ports, LIMITED_CALLERS, "bench.limited", {});
  let stopped = false;
  const loops = Array.from({ length: LIMITED_CALLERS }, async (_, slot) => {
    while (!stopped) await once(slot);
  });
  const ended = Promise.all(loops);
  ended.catch(() => {});
  return async () => {
    stopped = true;
    await ended;
    close();
  };
}

async function leg({ servers, ports }, { postgres, durationMs, warmUpMs }) {
  const { once, close } = await callers(ports, IN_FLIGHT, "bench.three", { n: 1 });
  const stopCrowd = await crowdQueue(ports);
  try {
    const cost = () => readCost(postgres, ...servers);
    return await drive({ once, inFlight: IN_FLIGHT, warmUpMs, durationMs, readCost: cost });
  } finally {
    close();
    await stopCrowd();
  }
}

/** Attempts in the ledger, and the most that ran at once. */
function readLedger(ledger) {
  const lines = readFileSync(ledger, "utf8").trim().split("\n");
  let running = 0;
  let most = 0;
  for (const line of lines) {
    running += line === "+" ? 1 : -1;
    most = Math.max(most, running);
  }
  return { attempts: lines.length / 2, most };
}

export async function measureFour(house, { durationMs, warmUpMs, rounds }) {
  const postgres = await startPostgres(house, "four-postgres");
  const groups = [
    await startGroup(house, { name: "one", size: 1, postgres }),
    await startGroup(house, { name: "four", size: 4, postgres }),
  ];
  const legs = { one: [], four: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const group of groups) {
      legs[group.name].push(await leg(group, { postgres, durationMs, warmUpMs }));
    }
  }
  const [one, four] = [medianOf(legs.one), medianOf(legs.four)];
  const { attempts, most } = readLedger(groups[1].ledger);
  for (const { servers } of groups) for (const server of servers) await server.stop();
  await postgres.stop();
  const told = ({ ratePerSecond, per }) =>
    `${ratePerSecond.toFixed(0)}/s, ${(per.cpuSeconds * 1000).toFixed(2)} CPU ms`;
  return [
    {
      title: "four processes on one PostgreSQL beside one",
      detail: `${told(four)}; one ${told(one)}`,
      value: four.ratePerSecond / one.ratePerSecond,
      unit: "×",
      atLeast: 0.9,
    },
    {
      title: `attempts at once in four processes, in a queue limited to ${LIMIT}`,
      detail: `the most of ${attempts} attempts`,
      value: most,
      unit: "",
      atMost: LIMIT,
      atLeast: LIMIT,
    },
  ];
}

// How long a killed worker's attempts stand still: SIGKILL of the worker that holds them all, until
// the last of them is running again in another worker, as their processes themselves report.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { openConnection } from "./http.mjs";
import { launchYard, portOf, runOf } from "./legs/yard-server.mjs";
import { median } from "./measure.mjs";
import { startPostgres } from "./postgres.mjs";
import { alive, until } from "./wait.mjs";

const ROUNDS = 3;
const ATTEMPTS = 8;

/** Orphans of the killed worker, where the product has left any. */
function endHolders(ledger) {
  for (const { pid } of readLedger(ledger)) {
    const isHolder = existsSync(`/proc/${pid}/cmdline`)
      ? readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("hold.mjs")
      : false;
    if (isHolder) process.kill(pid, "SIGKILL");
  }
}

/** `[{ key, pid, atMs }]`, in the order in which the attempts began. */
function readLedger(ledger) {
  const lines = readFileSync(ledger, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => {
    const [key, pid, atMs] = line.split(" ");
    return { key, pid: Number(pid), atMs: Number(atMs) };
  });
}

/** Starts the runs; resolves at once with a function that waits for their ends. */
async function startRuns(port, ledger) {
  const connections = await Promise.all(
    Array.from({ length: ATTEMPTS }, () => openConnection(port)),
  );
  const answers = connections.map((connection, index) =>
    connection.send(runOf(port, "bench.hold", { ledger, key: `run-${index}` })),
  );
  return async () => {
    await Promise.all(answers);
    for (const connection of connections) connection.close();
  };
}

async function attemptsIn(worker, program, ledger, count) {
  const check = alive(program, () => {
    const entries = readLedger(ledger);
    return entries.length >= count && entries;
  });
  return until(`attempts in the ${worker} worker`, check, { timeoutMs: 60_000 });
}

async function killOnce({ start, ledger }) {
  const api = start("api,scheduler");
  const port = await portOf(api);
  const doomed = start("worker");
  const allEnded = await startRuns(port, ledger);
  await attemptsIn("first", doomed, ledger, ATTEMPTS);
  const heir = start("worker");
  await until(
    "the second worker",
    alive(heir, () => heir.output() !== ""),
  );
  const killedAtMs = Date.now();
  await doomed.stop("SIGKILL");
  const entries = await attemptsIn("second", heir, ledger, 2 * ATTEMPTS);
  await allEnded();
  await heir.stop();
  await api.stop();
  return (Math.max(...entries.map(({ atMs }) => atMs)) - killedAtMs) / 1000;
}

async function oneRound(house, env) {
  const folder = house.folder("killed");
  const ledger = `${folder}/ledger`;
  writeFileSync(ledger, "");
  const start = (roles) => launchYard(house, folder, { args: ["--roles", roles], env });
  try {
    return await killOnce({ start, ledger });
  } finally {
    endHolders(ledger);
  }
}

export async function measureKilledWorker(house) {
  const postgres = await startPostgres(house, "killed-postgres");
  const seconds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await postgres.query(`CREATE DATABASE killed_${round}`);
    seconds.push(await oneRound(house, { DATABASE_URL: postgres.url(`killed_${round}`) }));
  }
  await postgres.stop();
  const title = `a killed worker's ${ATTEMPTS} attempts running again`;
  return [{ title, value: median(seconds), unit: "s", atMost: 10 }];
}

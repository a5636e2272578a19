// graphile-worker with its local queue and batched completion.
import { fileURLToPath } from "node:url";
import { Logger, makeWorkerUtils } from "graphile-worker";
import { burnDown } from "../backlog.mjs";
import { versionOf } from "../installed.mjs";
import { connect, startPostgres } from "../postgres.mjs";
import { cpuSecondsOf, pssBytesOf } from "../processes.mjs";
import { alive } from "../wait.mjs";

const WORKER = fileURLToPath(new URL("graphile-worker.mjs", import.meta.url));
const BATCH = 10_000;
const REMAINING = "SELECT count(*)::int AS count FROM graphile_worker._private_jobs";
/** From the end of the index, where no dead rows are before the last job has gone. */
const LAST = "SELECT id FROM graphile_worker._private_jobs ORDER BY id DESC LIMIT 1";

async function fill(url, client, jobs) {
  const logger = new Logger(() => () => {});
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  await utils.migrate();
  for (let from = 0; from < jobs; from += BATCH) {
    const length = Math.min(BATCH, jobs - from);
    const specs = Array.from({ length }, (_, n) => ({ identifier: "noop", payload: { n } }));
    await utils.addJobs(specs);
  }
  await utils.release();
  await client.query("VACUUM (ANALYZE)");
  await client.query("CHECKPOINT");
}

export async function createGraphile(house) {
  const postgres = await startPostgres(house, "graphile");
  const url = postgres.url("postgres");
  const client = await connect(url);
  let worker;

  async function readCost() {
    const counters = await postgres.counters();
    return { ...counters, cpuSeconds: counters.cpuSeconds + cpuSecondsOf([worker.pid]) };
  }

  async function backlog({ jobs }) {
    await fill(url, client, jobs);
    return {
      async leg() {
        const env = { PATH: process.env.PATH, DATABASE_URL: url, NO_LOG_SUCCESS: "1" };
        worker = house.start(process.execPath, [WORKER], { env });
        return burnDown({
          jobs,
          remaining: alive(worker, async () => (await client.query(REMAINING)).rows[0].count),
          isEmpty: alive(worker, async () => (await client.query(LAST)).rows.length === 0),
          readCost,
        });
      },
      close: () => worker.stop(),
    };
  }

  return {
    name: "graphile",
    version: versionOf("graphile-worker"),
    notes: [
      `local queue of 500, batched completion, 24 jobs at once; PostgreSQL ${await postgres.policy()}`,
    ],
    measures: { backlog },
    pssBytes: () => pssBytesOf([worker.pid, ...postgres.pids()]),
    async close() {
      await client.end();
      await postgres.stop();
    },
  };
}

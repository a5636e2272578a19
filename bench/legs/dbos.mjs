// DBOS Transact, in process, its pool widened to the number in flight, as its documentation says.
import { DBOS } from "@dbos-inc/dbos-sdk";
import { versionOf } from "../installed.mjs";
import { startPostgres } from "../postgres.mjs";
import { pssBytesOf } from "../processes.mjs";

const POOL = 50;

async function three(n) {
  const first = await DBOS.runStep(async () => n + 1, { name: "first" });
  const second = await DBOS.runStep(async () => first + 1, { name: "second" });
  return DBOS.runStep(async () => second + 1, { name: "third" });
}

export async function createDbos(house) {
  const postgres = await startPostgres(house, "dbos");
  const workflow = DBOS.registerWorkflow(three, { name: "three" });
  DBOS.setConfig({
    name: "bench",
    systemDatabaseUrl: postgres.url("dbos"),
    systemDatabasePoolSize: POOL,
    logLevel: "error",
  });
  await DBOS.launch();

  return {
    name: "DBOS",
    version: versionOf("@dbos-inc/dbos-sdk"),
    notes: [`in process, pool ${POOL}; PostgreSQL ${await postgres.policy()}`],
    measures: {
      three: async () => ({
        once: async () => {
          if ((await workflow(1)) !== 4) throw new Error("DBOS: wrong result");
        },
        close: async () => {},
      }),
    },
    readCost: postgres.counters,
    pssBytes: () => pssBytesOf([process.pid, ...postgres.pids()]),
    async close() {
      await DBOS.shutdown();
      await postgres.stop();
    },
  };
}

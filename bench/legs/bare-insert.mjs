// One row at a time over one connection, from the load process: the yardstick of enqueuing.

import { versionOf } from "../installed.mjs";
import { connect, startPostgres } from "../postgres.mjs";
import { pssBytesOf } from "../processes.mjs";

const TABLE = `
CREATE TABLE jobs (id uuid PRIMARY KEY DEFAULT uuidv7(), ref text NOT NULL, input json NOT NULL,
                   created_at timestamptz NOT NULL DEFAULT now())`;
const INSERT = {
  name: "insert_job",
  text: "INSERT INTO jobs (ref, input) VALUES ($1, $2) RETURNING id",
  values: ["core.noop", "{}"],
};

export async function createBareInsert(house) {
  const postgres = await startPostgres(house, "insert");
  const client = await connect(postgres.url("postgres"));
  await client.query(TABLE);
  return {
    name: "bare INSERT",
    version: `pg ${versionOf("pg")}`,
    notes: [`prepared, one connection, in the load process; PostgreSQL ${await postgres.policy()}`],
    measures: {
      enqueue: async () => ({ once: () => client.query(INSERT), close: async () => {} }),
    },
    readCost: postgres.counters,
    pssBytes: () => pssBytesOf(postgres.pids()),
    async close() {
      await client.end();
      await postgres.stop();
    },
  };
}

// No-op runs that were enqueued while there was no worker, and then there is one: each is claimed,
// carried out and finished, with its rows in the journal, the history and the feed.
import { burnDown } from "../backlog.mjs";
import { connect } from "../postgres.mjs";
import { alive } from "../wait.mjs";
import { readCost } from "./yard-cost.mjs";
import { furnish, launchYard } from "./yard-server.mjs";

const REMAINING = "SELECT count(*)::int AS count FROM runs";
/** From the end of the index, where no dead rows are before the last run has gone. */
const LAST = "SELECT id FROM runs ORDER BY id DESC LIMIT 1";
const DONE = "SELECT count(*)::int AS count FROM run_history WHERE status = 'success'";

let backlogs = 0;

export async function yardBacklog(house, { postgres, folder, jobs }) {
  const database = `backlog_${++backlogs}`;
  await postgres.query(`CREATE DATABASE ${database}`);
  const url = postgres.url(database);
  await furnish(house, folder, url, { waiting: jobs });
  const client = await connect(url);
  let server;

  return {
    async leg() {
      server = launchYard(house, folder, { env: { DATABASE_URL: url } });
      const result = await burnDown({
        jobs,
        remaining: alive(server, async () => (await client.query(REMAINING)).rows[0].count),
        isEmpty: alive(server, async () => (await client.query(LAST)).rows.length === 0),
        readCost: () => readCost(postgres, server),
      });
      const { count } = (await client.query(DONE)).rows[0];
      if (count !== jobs) throw new Error(`Yardmaster: ${count} of ${jobs} runs succeeded`);
      return result;
    },
    async close() {
      await client.end();
      await server?.stop();
      await postgres.query(`DROP DATABASE ${database}`);
    },
  };
}

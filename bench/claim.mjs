// Claiming and finishing beside very many rows: how fast runs of a backlog are done where there is nothing
// else, beside a million that wait too, and beside a million that have finished.
import { furnish, launchYard, portOf } from "./legs/yard-server.mjs";
import { median } from "./measure.mjs";
import { connect, startPostgres } from "./postgres.mjs";
import { alive, until } from "./wait.mjs";

const LEG_TIMEOUT_MS = 600_000;
/** Beyond what is timed, so that the end of the backlog is not. */
const SPARE = 1.2;

const FIRST = "SELECT id, clock_timestamp() AS now FROM runs ORDER BY id LIMIT 1";
/** Between the first and the last of so many runs, in seconds, by their own record; none of an earlier leg's. */
const TAKEN = `
SELECT extract(epoch FROM max(finished_at) - min(finished_at))::float8 AS seconds
FROM (SELECT finished_at FROM run_history WHERE id >= $1 AND finished_at >= $2 AND ref = 'core.noop' ORDER BY finished_at LIMIT $3) AS timed`;

/** Runs that this server has ended. Its own count: PostgreSQL would count a million rows beside what is measured. */
async function endedBy(port) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const counts = [...text.matchAll(/^yard_runs_finished_total\{[^}]*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Runs per second over the next `jobs` of the backlog. */
async function burn(house, { folder, url, jobs }) {
  const client = await connect(url);
  const { id, now } = (await client.query(FIRST)).rows[0];
  const server = launchYard(house, folder, { env: { DATABASE_URL: url } });
  try {
    const port = await portOf(server);
    const done = alive(server, () => endedBy(port));
    const enough = async () => (await done()) >= jobs;
    await until("the runs", enough, { timeoutMs: LEG_TIMEOUT_MS, everyMs: 250 });
    const { rows } = await client.query(TAKEN, [id, now, jobs]);
    return jobs / rows[0].seconds;
  } finally {
    await client.end();
    await server.stop();
  }
}

/** The three systems; `prepare` leaves in each a backlog that is enough for one leg. */
function systemsIn(house, { postgres, folder, rows, backlog, rounds }) {
  const url = postgres.url;
  return [
    {
      name: "empty",
      async prepare() {
        await postgres.query("DROP DATABASE IF EXISTS empty");
        await postgres.query("CREATE DATABASE empty");
        await furnish(house, folder, url("empty"), { waiting: backlog });
      },
    },
    {
      name: "waiting",
      async prepare(round) {
        if (round > 0) return;
        await postgres.query("CREATE DATABASE waiting");
        await furnish(house, folder, url("waiting"), { waiting: rows + rounds * backlog });
      },
    },
    {
      name: "finished",
      async prepare(round) {
        if (round === 0) {
          await postgres.query("CREATE DATABASE finished");
          await furnish(house, folder, url("finished"), { finished: rows });
        }
        await furnish(house, folder, url("finished"), { waiting: backlog });
      },
    },
  ];
}

export async function measureClaims(house, { quick, rows, rounds }) {
  const jobs = quick ? 10_000 : 100_000;
  const postgres = await startPostgres(house, "claim-postgres");
  const folder = house.folder("claim");
  const systems = systemsIn(house, { postgres, folder, rows, backlog: jobs * SPARE, rounds });
  const rates = Object.fromEntries(systems.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, prepare } of systems) {
      await prepare(round);
      rates[name].push(await burn(house, { folder, url: postgres.url(name), jobs }));
    }
  }
  await postgres.stop();
  const empty = median(rates.empty);
  const beside = (name) => {
    const rate = median(rates[name]);
    return {
      title: `claim and finish beside ${rows} ${name} runs`,
      detail: `${rate.toFixed(0)}/s, ${empty.toFixed(0)}/s in an empty system`,
      value: rate / empty,
      unit: "×",
      atLeast: 0.85,
    };
  };
  return [beside("waiting"), beside("finished")];
}

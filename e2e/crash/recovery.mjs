import { setTimeout as pause } from "node:timers/promises";
import { slotsOf } from "./attempts.mjs";
import { createClient } from "./client.mjs";
import { createCrew } from "./crew.mjs";
import { createInstallation } from "./installation.mjs";
import { readLedger } from "./ledger.mjs";
import { errorLines, lastLines } from "./logs.mjs";
import { isOf, parentOf } from "./processes.mjs";
import { until } from "./waiting.mjs";

const RECOVERED_WITHIN_MS = 10_000;
const FROZEN_MS = 9_000;
const ROLES = { owner: "api,scheduler", "worker-1": "worker", "worker-2": "worker" };
const WORKERS = ["worker-1", "worker-2"];
const LONG_RUNS = 8;
const SETTLED_MS = 60;
const LET_GO_MOST_MS = 25;
const FEED_EVERY_MS = 30;
const HELD_LANES = `SELECT FROM pg_stat_activity a JOIN pg_locks l USING (pid)
  WHERE a.state = 'idle in transaction' AND l.relation = 'queues'::regclass AND l.mode = 'RowShareLock'
    AND clock_timestamp() - a.state_change > interval '${SETTLED_MS / 2} milliseconds'`;
const STRIKES = [
  ["a killed worker", killOne],
  ["a frozen worker", freezeOne],
  ["killed processes, all of them,", killAll],
];

/**
 * Long attempts whose worker is killed, frozen, or whose whole machine of processes is killed: how long until they
 * run again; and what a worker that comes back from a freeze does with work that is no longer its own.
 */
export async function runRecovery() {
  const installation = await createInstallation({ processes: 8 });
  const stop = new AbortController();
  const violations = { recovered: [], frozen: [] };
  const measures = {};
  try {
    const crew = createCrew(installation, ROLES);
    await crew.start();
    const client = createClient(installation.url, stop.signal);
    const scene = { installation, crew, client };
    for (const [what, strike] of STRIKES) {
      // Runs of their own: three losses in a row would fail them.
      const runs = await startLong(scene, what);
      const ms = await strike(scene, runs, violations.frozen);
      measures[`attempts of ${what} run again after`] = ms;
      if (ms > RECOVERED_WITHIN_MS) violations.recovered.push(`${what}: ${ms} ms`);
      await cancelAll(scene, runs);
    }
    const ms = await freezeInTransaction(scene);
    measures["others work on, when a worker freezes that holds a lock, after"] = ms;
    if (ms > RECOVERED_WITHIN_MS) violations.recovered.push(`a lock of a frozen worker: ${ms} ms`);
    const late = readLedger(installation.ledgerPath).filter(({ kind }) => kind === "!");
    const unclean = await crew.stop();
    return {
      measures,
      checks: [
        { name: "lost attempts run again within 10 s", violations: violations.recovered },
        { name: "a frozen worker gives up what is not its own", violations: violations.frozen },
        {
          name: "no two live executions",
          violations: late.map(({ attempt, rest }) => `${attempt}: ${rest}`),
        },
        { name: "processes stop in order", violations: [...crew.problems, ...unclean] },
        {
          name: "no process of a run is left",
          violations: installation.leftWork().map(({ pid }) => `${pid}`),
        },
        { name: "no error was logged", violations: errorLines(installation.programs) },
      ],
    };
  } catch (error) {
    error.message += `\n${lastLines(installation.programs).join("\n")}`;
    throw error;
  } finally {
    stop.abort();
    await installation.remove();
  }
}

async function startLong({ installation, client }, what) {
  const answers = await Promise.all(
    Array.from({ length: LONG_RUNS }, (_, i) =>
      client.startRun("crash.hold", { hold: "60" }, `${what} ${i}`),
    ),
  );
  const runs = answers.map(({ body }) => body.id);
  await until("all run", () => executions(installation, runs).size === LONG_RUNS);
  return runs;
}

async function cancelAll({ client, crew }, runs) {
  await Promise.all(crew.names.map(crew.ready));
  await Promise.all(runs.map((id) => client.cancel(id)));
  await until("all are canceled", async () => {
    const all = await Promise.all(runs.map((id) => client.get(`/v1/runs/${id}`)));
    return all.every(({ status }) => status === "canceled");
  });
}

/** The newest execution of each run. */
function executions({ ledgerPath }, runs) {
  const starts = readLedger(ledgerPath).filter(
    ({ kind, run }) => kind === "S" && runs.includes(run),
  );
  return new Map(starts.map((line) => [line.run, line]));
}

/** The worker with the most work, and its executions. */
function busiest({ installation, crew }, runs) {
  const lines = [...executions(installation, runs).values()];
  const held = (pid) => lines.filter((line) => isOf(line.pid, pid));
  return WORKERS.map((name) => ({ name, held: held(crew.current(name).pid) })).reduce((a, b) =>
    a.held.length >= b.held.length ? a : b,
  );
}

/** Resolves with the milliseconds from `since` (Unix) to the start of the last of the executions that follow these. */
async function runAgain({ installation }, before, since) {
  const runs = before.map(({ run }) => run);
  const next = () => executions(installation, runs);
  await until("lost attempts run again", () =>
    before.every((line) => next().get(line.run).number > line.number),
  );
  return Math.max(...[...next().values()].map(({ ms }) => ms)) - since;
}

async function killOne(scene, runs) {
  const { crew } = scene;
  const { name, held } = busiest(scene, runs);
  const since = Date.now();
  crew.current(name).kill("SIGKILL");
  return await runAgain(scene, held, since);
}

/** Counted from when all stand again: how long a program takes to start is another measure, and the machine's. */
async function killAll(scene, runs) {
  const { crew, installation } = scene;
  const before = [...executions(installation, runs).values()];
  const killed = crew.names.map(crew.current);
  for (const program of killed) program.kill("SIGKILL");
  await Promise.all(killed.map(({ ended }) => ended));
  await Promise.all(crew.names.map(crew.ready));
  return Math.max(await runAgain(scene, before, Date.now()), 0);
}

async function freezeOne(scene, runs, violations) {
  const { crew, client, installation } = scene;
  const { name, held } = busiest(scene, runs);
  const frozen = crew.current(name);
  const before = await sessionOf(installation, frozen.pid);
  const since = Date.now();
  frozen.kill("SIGSTOP");
  const ms = await runAgain(scene, held, since);
  for (const { pid, attempt } of held)
    if (parentOf(pid) !== undefined) violations.push(`${attempt} still lives`);
  await pause(Math.max(FROZEN_MS - (Date.now() - since), 0));
  frozen.kill("SIGCONT");
  const after = await until("the frozen worker has a new session", async () => {
    const now = await sessionOf(installation, frozen.pid);
    return now !== undefined && now !== before && now;
  });
  if (before === undefined || !frozen.isRunning())
    violations.push(`session ${before}, then ${after}`);
  for (const { run, number } of held) violations.push(...(await lateResults(client, run, number)));
  return ms;
}

/** The attempt that was given away is lost, and whatever follows it is not of its worker's making. */
async function lateResults(client, run, number) {
  const steps = await client.get(`/v1/runs/${run}/steps`);
  const attempt = slotsOf(steps)[0].attempts.find((one) => one.number === number);
  return attempt?.status === "lost" ? [] : [`${run} attempt ${number} is ${attempt?.status}`];
}

async function sessionOf(installation, pid) {
  const database = await installation.database();
  try {
    const { rows } = await database.pool.query(
      "SELECT id FROM sessions WHERE pid = $1 AND ended_at IS NULL",
      [pid],
    );
    return rows[0]?.id;
  } finally {
    await database.close();
  }
}

/**
 * A worker stands still in the middle of a transaction, with the lock of a lane that everybody needs: they are stopped
 * and let go in turn until one was caught there, for one alone may be left without work. Each twice in a row, and after
 * another while each time: a worker claims right after it was let go, and even turns came too late for that, 340 times
 * on end. Resolves with the time until work in the lane goes on without it.
 */
async function freezeInTransaction({ installation, crew, client }) {
  const stop = new AbortController();
  const feeding = feedLane(client, stop.signal);
  const database = await installation.database();
  let turns = 0;
  let frozen;
  try {
    await until(
      "a worker is stopped in a transaction",
      async () => {
        frozen = crew.current(WORKERS[(turns >> 1) % WORKERS.length]);
        await pause(turns++ % LET_GO_MOST_MS);
        frozen.kill("SIGSTOP");
        // A commit on its way is through by then.
        await pause(SETTLED_MS);
        const { rows } = await database.pool.query(HELD_LANES);
        if (rows.length > 0) return true;
        frozen.kill("SIGCONT");
        return false;
      },
      { everyMs: 0 },
    );
    const since = Date.now();
    await until("work in the lane goes on", () =>
      readLedger(installation.ledgerPath).some(
        ({ kind, lane, ms }) => kind === "S" && lane === "narrow" && ms > since,
      ),
    );
    return Date.now() - since;
  } finally {
    frozen?.kill("SIGCONT");
    stop.abort();
    await database.close();
    await endAll(client, await feeding);
  }
}

/** Starts runs of a narrow lane for as long as the signal lets it; resolves with their ids. */
async function feedLane(client, signal) {
  const runs = [];
  while (!signal.aborted) {
    if (runs.length < 400)
      runs.push((await client.startRun("crash.narrow", {}, `lane ${runs.length}`)).body.id);
    await pause(FEED_EVERY_MS);
  }
  return runs;
}

/** Cancels what waits yet, newest first: nobody needs the lane any more. Resolves when all are final. */
async function endAll(client, runs) {
  for (const id of runs.toReversed()) await client.cancel(id);
  for (const id of runs)
    await until(
      `run ${id} is final`,
      async () => (await client.get(`/v1/runs/${id}`)).finished_at,
      { everyMs: 100 },
    );
}

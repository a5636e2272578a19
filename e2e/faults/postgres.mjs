import { setTimeout as pause } from "node:timers/promises";
import { TOKEN } from "../crash/installation.mjs";
import { readLedger } from "../crash/ledger.mjs";
import { lastLines } from "../crash/logs.mjs";
import { until } from "../crash/waiting.mjs";
import { workGoesOn } from "./at-work.mjs";
import { ownPrograms, startCluster } from "./cluster.mjs";
import { createFollower } from "./follower.mjs";
import { judgeWithStream } from "./stream-check.mjs";
import { createWorld } from "./world.mjs";

const ROLES = { owner: "api,scheduler,worker", other: "scheduler,worker" };
const HOUR_MS = 3_600_000;
/** The doctor calls a transaction long after 5 s. */
const PINNED_MS = 6_000;
const RESTART_EVERY_MS = 2_000;

export const POSTGRES_FAULTS = [
  { name: "clock: the server's an hour ahead, then an hour behind", act: jump },
  { name: "postgres: a transaction that pins the horizon, 6 s", act: pin },
  { name: "postgres: restarted every 2 s (pg_ctl, fast and immediate)", act: restart, own: true },
];

/** PostgreSQL's own faults, and those of clocks, under load. */
export async function runPostgres({ seed, everywhere, tell }) {
  const postgres = ownPrograms() === undefined ? undefined : await startCluster();
  if (postgres === undefined) console.log("skipped: this machine has no pg_ctl to restart with");
  const world = await createWorld({ seed, roles: ROLES, postgres });
  const { crew, installation } = world;
  const violations = [];
  try {
    await crew.start();
    const load = world.startLoad();
    const follower = createFollower(world.url);
    await until("the follower stands", follower.isStanding);
    const faults = [];
    for (const { name, act, own } of POSTGRES_FAULTS) {
      if (own && postgres === undefined) continue;
      violations.push(...(await act({ world, follower, times: everywhere ? 20 : 3 })));
      const recoveredMs = await workGoesOn(installation);
      faults.push({ name, recoveredMs });
      tell({ kind: "fault", name, recoveredMs });
    }
    const judged = await judgeWithStream(world, load, follower);
    judged.checks.push({
      name: "leases and timers keep the database's time; a stall has a name",
      violations,
    });
    return { faults, ...judged };
  } catch (error) {
    error.message += `\n${lastLines(installation.programs).join("\n")}`;
    throw error;
  } finally {
    await world.remove();
  }
}

/** The clock of the server's machine is wrong, both ways: no lease is lost, and no timer is the hour out. */
async function jump({ world }) {
  const { crew, installation } = world;
  const before = await lostAttempts(installation);
  for (const aheadMs of [HOUR_MS, -HOUR_MS, 0]) {
    crew.current("owner").light(`clock:${aheadMs}`);
    // A run that sleeps 600 ms ends meanwhile: its timer is as long as it is by the right clock.
    const since = readLedger(installation.ledgerPath).length;
    await until("a timer fires with the clock wrong", () =>
      readLedger(installation.ledgerPath)
        .slice(since)
        .some(({ kind, slot }) => kind === "S" && slot === "after"),
    );
  }
  const lost = (await lostAttempts(installation)).slice(before.length);
  return lost.map((attempt) => `lost when the clock jumped: ${JSON.stringify(attempt)}`);
}

/** Somebody's open transaction: work goes on, the live stream stands still, and the doctor says who it is. */
async function pin({ world, follower }) {
  const { installation } = world;
  const database = await installation.database();
  const problems = [];
  try {
    await database.withTransaction(async (somebody) => {
      await somebody.query("SET LOCAL idle_in_transaction_session_timeout = 0");
      await somebody.query("SELECT pg_current_xact_id()");
      // What was committed before may still be on its way.
      await pause(1_500);
      const seen = follower.seen.length;
      const ran = readLedger(installation.ledgerPath).length;
      await pause(PINNED_MS - 1_500);
      if (follower.seen.length > seen) problems.push("the stream went beyond an open transaction");
      if (readLedger(installation.ledgerPath).length === ran) problems.push("work stood still");
      problems.push(...(await doctorProblems(installation.url)));
    });
    const seen = follower.seen.length;
    await until("the stream goes on", () => follower.seen.length > seen);
  } finally {
    await database.close();
  }
  return problems;
}

async function doctorProblems(url) {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const { checks } = await (await fetch(`${url}/v1/doctor`, { headers })).json();
  const found = checks.find(
    ({ check, status }) => check === "postgres.transactions" && status !== "ok",
  );
  return /live stream/.test(found?.summary ?? "")
    ? []
    : ["the doctor does not name the transaction"];
}

async function restart({ world, times }) {
  for (let i = 0; i < times; i++) {
    await world.postgres.restart(i % 2 === 0 ? "fast" : "immediate");
    await pause(RESTART_EVERY_MS);
  }
  return [];
}

/** In the order of their ends. */
async function lostAttempts(installation) {
  const database = await installation.database();
  try {
    const { rows } = await database.pool.query(
      "SELECT * FROM attempts WHERE status = 'lost' ORDER BY finished_at",
    );
    return rows;
  } finally {
    await database.close();
  }
}

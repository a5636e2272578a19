import { setTimeout as pause } from "node:timers/promises";
import { TOKEN } from "../crash/installation.mjs";
import { lastLines } from "../crash/logs.mjs";
import { until } from "../crash/waiting.mjs";
import { workGoesOn } from "./at-work.mjs";
import { createFollower } from "./follower.mjs";
import { judgeWithStream } from "./stream-check.mjs";
import { createWorld } from "./world.mjs";

const ROLES = { owner: "api,scheduler,worker", other: "scheduler,worker" };
const ANSWERED_WITHIN_MS = 1_000;

/**
 * `for` milliseconds of each fault; `short` ones are in `npm test`. A session is over after 6 s: then the other
 * worker takes over what the one that is cut off holds.
 */
export const NETWORK_FAULTS = [
  { where: "database", what: "cut", for: 0, short: true },
  { where: "database", what: "reset", for: 0 },
  { where: "database", what: "delay", how: 100, for: 2_000 },
  { where: "database", what: "hold", for: 2_000, short: true },
  { where: "database", what: "hold", for: 9_000 },
  { where: "database", what: "mute", for: 2_000 },
  { where: "database", what: "lose", how: "up", for: 1_000 },
  { where: "database", what: "lose", how: "down", for: 1_000, short: true },
  { where: "database", what: "lose", how: "both", for: 9_000, short: true },
  { where: "database", what: "lose", how: "both", for: 60_000 },
  { where: "http", what: "cut", for: 0, short: true },
  { where: "http", what: "reset", for: 0 },
  { where: "http", what: "delay", how: 200, for: 2_000 },
  { where: "http", what: "hold", for: 2_000 },
  { where: "http", what: "mute", for: 1_000 },
  { where: "http", what: "lose", how: "up", for: 1_000 },
  { where: "http", what: "lose", how: "down", for: 1_000, short: true },
];

/** Each fault under load, then healed: how long until work and answers go on, and what all of it came to. */
export async function runNetwork({ seed, everywhere, tell }) {
  const world = await createWorld({ seed, roles: ROLES });
  const { crew, installation, proxies } = world;
  try {
    await crew.start();
    const load = world.startLoad();
    const follower = createFollower(world.url);
    await until("the follower stands", follower.isStanding);
    const faults = [];
    for (const fault of NETWORK_FAULTS.filter(({ short }) => everywhere || short)) {
      const recoveredMs = await strike(fault, world);
      faults.push({ name: nameOf(fault), recoveredMs });
      tell({ kind: "fault", name: nameOf(fault), recoveredMs });
    }
    const judged = await judgeWithStream(world, load, follower);
    return { faults, streams: follower.resumed(), ...judged };
  } catch (error) {
    error.message += `\n${lastLines(installation.programs).join("\n")}`;
    throw error;
  } finally {
    for (const proxy of Object.values(proxies)) proxy.heal();
    await world.remove();
  }
}

export function nameOf({ where, what, how, for: ms }) {
  const more = how === undefined ? "" : ` ${how}${what === "delay" ? " ms" : ""}`;
  return `${where}: ${what}${more}${ms === 0 ? "" : `, ${ms / 1_000} s`}`;
}

/** Resolves with the milliseconds from the end of the fault until the server answers and work goes on. */
async function strike({ where, what, how, for: ms }, { proxies, installation, crew }) {
  const proxy = proxies[where];
  proxy[what](how);
  // A peer that says nothing is met by new connections only.
  if (what === "mute") proxy.cut();
  await pause(ms);
  proxy.heal();
  const healedAt = performance.now();
  await Promise.all([
    until("the server answers", () => answers(installation.url)),
    workGoesOn(installation),
  ]);
  await crew.ready("owner");
  return Math.round(performance.now() - healedAt);
}

/** Whether it can say what it holds: that takes its database. */
async function answers(url) {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const signal = AbortSignal.timeout(ANSWERED_WITHIN_MS);
  const response = await fetch(`${url}/v1/runs?limit=1`, { headers, signal }).catch(
    () => undefined,
  );
  return response?.status === 200;
}

import { setTimeout as pause } from "node:timers/promises";
import { ENGINE_POINTS } from "../../packages/server/dist/engine/index.js";
import { createClient } from "./client.mjs";
import { createCrew } from "./crew.mjs";
import { createInstallation } from "./installation.mjs";
import { judge } from "./judge.mjs";
import { readLedger } from "./ledger.mjs";
import { createLoad } from "./load.mjs";
import { lastLines } from "./logs.mjs";
import { freezes, pointKills, randomKills } from "./plan.mjs";
import { isOf } from "./processes.mjs";
import { createRandom } from "./random.mjs";
import { PATIENCE_MS, until } from "./waiting.mjs";

const ROLES = {
  owner: "api,scheduler,worker",
  "worker-1": "worker",
  "worker-2": "worker,scheduler",
};
const OTHER_WORKER = "worker-1";
const OTHER_SCHEDULER = "worker-2";
const WORKERS = [OTHER_WORKER, OTHER_SCHEDULER];
/** A session is over after 6 s. */
const FROZEN_MS = 9_000;

/**
 * An installation under load, whose processes are killed at every named point and then `kills` times at random.
 * Tells each kill, and at the end what every check found.
 */
export async function runStorm({ seed, kills, everywhere, tell }) {
  const random = createRandom(seed);
  const installation = await createInstallation({ processes: 4 });
  const stop = new AbortController();
  try {
    const crew = createCrew(installation, ROLES);
    await crew.start();
    const client = createClient(installation.url, stop.signal);
    const load = createLoad(client, createRandom(seed + 1), installation);
    const done = [];
    const plan = [
      ...pointKills(ENGINE_POINTS, { random, everywhere }),
      ...(everywhere ? freezes(random) : []),
      ...randomKills(kills, random),
    ];
    for (const kill of plan) {
      const result = await strike(kill, { crew, installation, random });
      done.push(result);
      tell(result);
    }
    await Promise.all(crew.names.map(crew.ready));
    await load.stop();
    return { kills: done, ...(await judge({ crew, installation, client, load })) };
  } catch (error) {
    error.message += `\n${lastLines(installation.programs).join("\n")}`;
    throw error;
  } finally {
    stop.abort();
    await installation.remove();
  }
}

const STRIKES = { point: strikeAtPoint, freeze: freezeAtPoint, random: strikeAtRandom };

async function strike(kill, context) {
  const before = readLedger(context.installation.ledgerPath).length;
  const startedAt = performance.now();
  const struck = await STRIKES[kill.kind](kill, context);
  const killedAt = performance.now();
  await until("work goes on after the kill", () =>
    readLedger(context.installation.ledgerPath)
      .slice(before)
      .some(({ kind, ms }) => kind === "E" && ms > struck.wallMs),
  );
  return {
    ...kill,
    ...struck,
    tookMs: Math.round(killedAt - startedAt),
    recoveredMs: Math.round(performance.now() - killedAt),
  };
}

/** Gives the victim a fuse, or (`fresh`) its next life, whose start is then under way, and waits until it burnt down. */
async function strikeAtPoint({ victim, point, nth, fresh }, { crew, installation, random }) {
  const name = victim === "owner" ? "owner" : random.pick(WORKERS);
  const recovers = point.startsWith("recovery.");
  // The other scheduler stands still, or it might be the one that recovers.
  if (recovers) crew.current(OTHER_SCHEDULER).kill("SIGSTOP");
  const fuse = `${point}:${nth}:SIGKILL`;
  const armed = fresh ? await restart(crew, name, fuse) : await crew.ready(name);
  if (!fresh) armed.light(fuse);
  const ended = recovers ? endWithItsWork({ crew, installation }, armed) : armed.ended;
  const reached = await Promise.race([
    ended.then(() => armed.reachedPoint()),
    pause(PATIENCE_MS).then(() => false),
  ]);
  if (!reached) armed.kill("SIGKILL");
  if (recovers) crew.current(OTHER_SCHEDULER).kill("SIGCONT");
  return { name, reached, wallMs: Date.now() };
}

/** A worker goes and leaves its work behind: what the armed process is to recover when it dies itself. */
async function endWithItsWork({ crew, installation }, armed) {
  await Promise.race([armed.ready, armed.ended]);
  while (armed.isRunning()) {
    const worker = await crew.ready(OTHER_WORKER);
    const atWork = () => installation.leftWork().some(({ pid }) => isOf(pid, worker.pid));
    await until("the worker has work", () => !armed.isRunning() || atWork(), { everyMs: 10 });
    worker.kill("SIGKILL");
    await Promise.race([armed.ended, pause(2_500)]);
  }
}

/** The worker stands still at the point until others have taken over what it holds, and then goes on. */
async function freezeAtPoint({ point, nth }, { crew, random }) {
  const name = random.pick(WORKERS);
  const armed = await restart(crew, name, `${point}:${nth}:SIGSTOP`);
  const reached = await until("the point", () => armed.reachedPoint()).catch(() => false);
  const wallMs = Date.now();
  await pause(FROZEN_MS);
  armed.kill("SIGCONT");
  return { name, reached, wallMs };
}

async function restart(crew, name, fuse) {
  const before = crew.current(name);
  crew.arm(name, fuse);
  before.kill("SIGKILL");
  return await until("the victim is started again", () => {
    const now = crew.current(name);
    return now !== before && now;
  });
}

async function strikeAtRandom({ victim, afterMs }, { crew, installation, random }) {
  await pause(afterMs);
  if (victim === "postmaster" || victim === "backend") {
    // A process that starts while PostgreSQL dies gives up: a supervisor's affair, and no part of this.
    await Promise.all(crew.names.map(crew.ready));
    // PostgreSQL may still be coming back from the kill before.
    const pid = await until(`a ${victim}`, () => installation.killPostgres(victim, random));
    return { name: `${victim} ${pid}`, reached: true, wallMs: Date.now() };
  }
  if (victim === "spawner") {
    const workers = () => crew.names.map((name) => crew.current(name).pid);
    const pid = await until("a spawner", () => installation.killSpawner(workers(), random));
    return { name: `spawner ${pid}`, reached: true, wallMs: Date.now() };
  }
  const wallMs = Date.now();
  const names = victim.split("+").map((one) => (one === "owner" ? one : random.pick(WORKERS)));
  const victims = names.map((name) => crew.current(name));
  for (const one of victims) one.kill("SIGKILL");
  await Promise.all(victims.map(({ ended }) => ended));
  return { name: names.join("+"), reached: true, wallMs };
}

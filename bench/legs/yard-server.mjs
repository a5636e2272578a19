// The built product as a child process: how it is started, found and known to be ready.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openConnection, postOf } from "../http.mjs";
import { multiplyFinished, multiplyWaiting } from "../rows.mjs";
import { alive, until } from "../wait.mjs";

const BUILT = fileURLToPath(new URL("../../packages/server/dist/yard-server.mjs", import.meta.url));
/** What `yard start` starts. */
const SERVER = fileURLToPath(new URL("../../packages/server/bin/yard-server.js", import.meta.url));
const PACKS = fileURLToPath(new URL("../packs", import.meta.url));
export const TOKEN = "bench-0123456789abcdef0123456789abcdef";
/** Of the source `bench`. */
export const WEBHOOK_SECRET = "bench-webhook-0123456789abcdef";

export const isBuilt = () => existsSync(BUILT);

/** Starts it with these settings over the bench's own; `args` as `yard start` takes them. */
export function launchYard(house, folder, { args = [], env = {} } = {}) {
  return house.start(process.execPath, [SERVER, ...args], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      YARD_PORT: "0",
      YARD_DATA: `${folder}/data`,
      YARD_PACKS: PACKS,
      YARD_ADMIN_TOKEN: TOKEN,
      BENCH_WEBHOOK_SECRET: WEBHOOK_SECRET,
      ...env,
    },
  });
}

/** The port that it prints, once `/readyz` says that it is ready. */
export async function portOf(program) {
  return until(
    "Yardmaster",
    alive(program, async () => {
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(program.output())?.[1];
      return port && (await fetch(`http://127.0.0.1:${port}/readyz`)).ok && Number(port);
    }),
    { everyMs: 5 },
  );
}

export const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };

/** A POST that starts a run and waits for its end. */
export function runOf(port, ref, input) {
  const headers = { ...AUTHORIZED, prefer: "wait=30" };
  return postOf({ port, path: "/v1/runs", headers, body: { ref, input } });
}

/** Whether an answer is that of a run that was waited for, and that went well. */
export function hasSucceeded({ status, body }) {
  return status === 200 && /"status": ?"success"/.test(body);
}

/** A POST that starts a run and is answered as soon as that is durable. */
export function enqueueOf(port, ref, input) {
  return postOf({ port, path: "/v1/runs", headers: AUTHORIZED, body: { ref, input } });
}

/** Starts the product on the database at `url`, lets `use` have it, and stops it; gives what that gave. */
async function visiting(house, folder, url, roles, use) {
  const env = { DATABASE_URL: url };
  const program = launchYard(house, folder, { args: ["--roles", roles], env });
  const port = await portOf(program);
  const connection = await openConnection(port);
  try {
    const { status, body } = await connection.send(use(port));
    if (status !== 200 && status !== 202) throw new Error(`Yardmaster: ${status} ${body}`);
    return JSON.parse(body).id;
  } finally {
    connection.close();
    await program.stop();
  }
}

/**
 * Migrates the database at `url` and leaves in it so many finished runs of three steps, or so many
 * no-op runs that wait for a worker, as the product would have left them.
 */
export async function furnish(house, folder, url, { finished = 0, waiting = 0 }) {
  if (waiting > 0) {
    const enqueue = (port) => enqueueOf(port, "core.noop", {});
    const queued = await visiting(house, folder, url, "api,scheduler", enqueue);
    await multiplyWaiting(url, queued, waiting - 1);
  } else {
    const all = "api,scheduler,worker";
    const carryOut = (port) => runOf(port, "bench.three", { n: 1 });
    const done = await visiting(house, folder, url, all, carryOut);
    await multiplyFinished(url, done, Math.max(finished - 1, 0));
  }
}

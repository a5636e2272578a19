// The built product as a child process: how it is started, found and known to be ready.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { alive, until } from "../wait.mjs";

const SERVER = fileURLToPath(new URL("../../packages/server/dist/main.js", import.meta.url));
const PACKS = fileURLToPath(new URL("../packs", import.meta.url));
export const TOKEN = "bench-0123456789abcdef0123456789abcdef";

export const isBuilt = () => existsSync(SERVER);

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

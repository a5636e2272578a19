import { setTimeout as pause } from "node:timers/promises";
import { PATIENCE_MS } from "./waiting.mjs";

const RESTART_AFTER_MS = 100;

/**
 * The processes of an installation under a supervisor, which starts again at once whatever has ended. `roles` by
 * name: `{ owner: "api,scheduler,worker", "worker-1": "worker" }`.
 */
export function createCrew(installation, roles) {
  const running = new Map();
  const fuses = new Map();
  const problems = [];
  let stopping = false;

  function start(name) {
    const fuse = fuses.get(name);
    fuses.delete(name);
    const program = installation.start(name, { roles: roles[name], fuse });
    running.set(name, program);
    void program.ended.then(async ({ code, signal }) => {
      if (stopping || installation.isRemoved()) return;
      if (signal !== "SIGKILL")
        problems.push(`${name} ended with ${code ?? signal}: ${program.logs.at(-1)}`);
      await pause(RESTART_AFTER_MS);
      if (!stopping && !installation.isRemoved()) start(name);
    });
    return program;
  }

  async function ready(name) {
    const deadline = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      const program = running.get(name);
      if ((await program.ready) && program.isRunning()) return program;
      await pause(RESTART_AFTER_MS);
    }
    throw new Error(`${name} is not ready again: ${running.get(name).logs.at(-1)}`);
  }

  return {
    problems,
    names: Object.keys(roles),
    current: (name) => running.get(name),
    async start() {
      for (const name of Object.keys(roles)) start(name);
      await Promise.all(Object.keys(roles).map(ready));
    },
    /** Resolves with the process under the name, when it stands. */
    ready,
    /** The next process under the name is started with the fuse. */
    arm: (name, fuse) => fuses.set(name, fuse),
    /** Ends all in order, workers first. */
    async stop() {
      stopping = true;
      const ends = [];
      for (const name of Object.keys(roles).reverse()) {
        running.get(name).kill("SIGTERM");
        ends.push({ name, ...(await running.get(name).ended) });
      }
      return ends
        .filter(({ code }) => code !== 0)
        .map(({ name, code, signal }) => `${name} ended with ${code ?? signal}`);
    },
  };
}

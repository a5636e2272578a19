import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const PROGRAM = resolve(import.meta.dirname, "../../packages/node/bin/yard-node.js");
const CONNECTED = /connected to \S+ as \S+/;

/**
 * Three machines, played by three processes of `yard-node`, each with a state folder and files of its own. `start`
 * resolves when it is connected; with a token it pairs first.
 */
export function createMachines(installation) {
  function machine(name, labels) {
    const state = join(installation.folder, name);
    const files = join(installation.folder, `${name}-files`);
    mkdirSync(files);
    const start = (args = []) =>
      installation.start(PROGRAM, ["run", "--state", state, ...args], CONNECTED);
    return {
      name,
      labels,
      files,
      program: undefined,
      async pair(server, token) {
        const flags = labels.flatMap((label) => ["--label", label]);
        const way = ["--server", server, "--token", token, "--allow", files];
        this.program = await start([...way, ...flags]);
      },
      async start() {
        this.program = await start();
      },
      config: () => JSON.parse(readFileSync(join(state, "node.json"), "utf8")),
      configPath: join(state, "node.json"),
      /** What the machine itself noted down. */
      audit: () => linesOf(join(state, "audit.jsonl")),
    };
  }
  return {
    forge: machine("forge", ["build=yes", "os=linux"]),
    lab: machine("lab", ["os=linux"]),
    edge: machine("edge", ["site=garage"]),
  };
}

export function linesOf(path) {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}

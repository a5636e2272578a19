// The built product with nodes: one process with all roles, its own PostgreSQL, and yard-node processes as people run
// them, all on this machine.
import { fileURLToPath } from "node:url";
import { postOf } from "../http.mjs";
import { readCost } from "../legs/yard-cost.mjs";
import { AUTHORIZED, launchYard, portOf } from "../legs/yard-server.mjs";
import { startPostgres } from "../postgres.mjs";
import { alive, until } from "../wait.mjs";

const NODE_DIST = new URL("../../packages/node/dist/", import.meta.url);
/** Its one file without the packages around it, as it is put on other machines. */
export const YARD_NODE = fileURLToPath(new URL("yard-node.mjs", NODE_DIST));
const YARD_NODE_MODULES = fileURLToPath(new URL("cli.js", NODE_DIST));
/** As many calls at once as any measure asks for. */
const SLOTS = "64";

/** `env` goes over the server's own. */
export async function startPlace(house, name, env = {}) {
  const postgres = await startPostgres(house, `${name}-postgres`);
  await postgres.query("CREATE DATABASE yard");
  const folder = house.folder(name);
  const server = launchYard(house, folder, {
    env: { DATABASE_URL: postgres.url("yard"), ...env },
  });
  const port = await portOf(server);
  const nodes = [];

  /** One request; anything but 2xx is an error. */
  async function ask(method, path, body) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { ...AUTHORIZED, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  /** A new node; gives its pairing token. */
  async function pair(node) {
    return (await ask("POST", "/v1/nodes", { name: node })).token;
  }

  /** A new node, and the lasting token that a client of ours would get for it. */
  async function pairForGood(node) {
    return (await ask("POST", "/v1/nodes/pair", { token: await pair(node) })).token;
  }

  async function statusOf(node) {
    return (await ask("GET", `/v1/nodes/${node}`)).status;
  }

  /** Pairs a node and starts its client; resolves once it is connected. `nodeArgs` are for its Node. */
  async function startNode(node, { nodeArgs = [], entry = YARD_NODE } = {}) {
    const args = ["run", "--server", `ws://127.0.0.1:${port}`, "--name", node];
    const ofItsOwn = [`--token=${await pair(node)}`, "--state", `${folder}/${node}`];
    const command = [...nodeArgs, entry, ...args, ...ofItsOwn, "--slots", SLOTS];
    const program = house.start(process.execPath, command, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder },
    });
    nodes.push(program);
    await until(
      `node ${node}`,
      alive(program, async () => (await statusOf(node)) === "connected"),
    );
    return program;
  }

  return {
    port,
    folder,
    postgres,
    server,
    ask,
    pair,
    pairForGood,
    statusOf,
    startNode,
    /** What the server, its PostgreSQL and the nodes have cost so far. */
    readCost: () => readCost(postgres, server, ...nodes),
    execOf: (node, body, headers = {}) =>
      postOf({
        port,
        path: `/v1/nodes/${node}/exec`,
        headers: { ...AUTHORIZED, ...headers },
        body,
      }),
    async close() {
      for (const node of nodes) await node.stop();
      await server.stop();
      await postgres.stop();
    },
  };
}

/** For a client whose modules something else is to share. */
export const IN_MODULES = { entry: YARD_NODE_MODULES };

/** Whether an answer is that of a command that ended well. */
export function hasEndedWell({ status, body }) {
  return status === 200 && /"status": ?"ok"/.test(body) && /"exit_code": ?0\b/.test(body);
}

/** Refuses an answer that is not what was asked for. */
export function expectEndedWell(answer) {
  if (!hasEndedWell(answer)) throw new Error(`Yardmaster: ${answer.status} ${answer.body}`);
}

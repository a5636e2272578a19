import { statSync } from "node:fs";
import { span } from "../screen.mjs";

/** Three tokens, each good for one machine, once. Resolves with them by the machine's name. */
export async function pair(stage) {
  const { screen, client, check, machines, signal } = stage;
  screen.title("Pair: a token for each of three machines");
  const tokens = new Map();
  for (const { name } of Object.values(machines)) {
    const { node, token, token_kind } = await client.nodes.pair({ name }, { signal });
    tokens.set(name, token);
    const life = `${token.length} characters, works once`;
    screen.field(name, `${node.status.replace("_", " ")}; its token: ${life}`);
    check(`${name} got a pairing token of 256 bits, and was never seen`, () => {
      return token_kind === "pairing" && token.length === 43 && node.status === "never_seen";
    });
  }
  return tokens;
}

/** Each machine swaps its token, and dials out. */
export async function connect(stage, tokens) {
  const { screen, check, machines, url, cable, until, yard } = stage;
  screen.title("Connect: the machines dial out; nothing has to reach them");
  const { forge, lab, edge } = machines;
  const started = performance.now();
  const way = new Map([
    [forge, url],
    [lab, url],
    // What comes between it and the server can be cut later on.
    [edge, cable.url],
  ]);
  await Promise.all(
    [...way].map(async ([machine, server]) => {
      await machine.pair(server, tokens.get(machine.name));
      const { atMs } = await until("connected", machine.name);
      const { pid } = machine.program;
      screen.field(machine.name, `connected in ${span(atMs - started)}; it is process ${pid}`);
    }),
  );
  const { stdout } = await yard.show(["node", "list"]);
  check("three nodes are connected", () => stdout.match(/ connected /g).length === 3);
  checkConfig(stage, tokens);
  await usedAgain(stage, tokens.get("forge"));
}

/** What lies on the machine afterwards. */
function checkConfig({ check, machines }, tokens) {
  for (const machine of Object.values(machines))
    check(`${machine.name} keeps another token than the one that paired it, for its owner`, () => {
      const { token } = machine.config();
      const rights = statSync(machine.configPath).mode & 0o777;
      return token.length === 43 && token !== tokens.get(machine.name) && rights === 0o600;
    });
}

async function usedAgain({ screen, check, url, signal }, token) {
  const response = await fetch(`${url.replace(/^ws/, "http")}/v1/nodes/pair`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
    signal,
  });
  const { code } = await response.json();
  screen.line(
    `Somebody finds forge's token in a scrollback, and tries it: ${response.status} ${code}`,
  );
  check("a pairing token works once", () => {
    return response.status === 401 && code === "invalid_pairing_token";
  });
}

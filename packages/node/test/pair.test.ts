import { existsSync } from "node:fs";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  type FakeServer,
  type PairingAnswer,
  startFakeServer,
} from "../src/link/testing/fake-server.ts";
import { callNode, newState, startNode, TOKEN } from "./node-process.ts";

const PAIRING = "pairing-token-0000000000000000000000000000";
const SWAPPED: PairingAnswer = {
  status: 200,
  body: { name: "lab-7", token: TOKEN, url_path: "/ws/nodes", e2e: "off" },
};

/** A server that swaps a pairing token once. */
async function server(answer: PairingAnswer = SWAPPED): Promise<FakeServer & { asked: object[] }> {
  const fake = await startFakeServer();
  onTestFinished(() => fake.close());
  const asked: object[] = [];
  fake.pairing((body) => {
    asked.push(body);
    return answer;
  });
  return { ...fake, asked };
}

async function configIn(state: string): Promise<unknown> {
  return JSON.parse(await readFile(join(state, "node.json"), "utf8"));
}

test("a pairing token is swapped for the lasting one, in a file for the owner alone", async () => {
  const { url, asked } = await server();
  const state = join(newState(), "deeper");
  const flags = [
    "--allow",
    "/srv",
    "--allow",
    "/var/lib",
    "--label",
    "gpu=a100",
    "--label",
    "fast",
    "--slots",
    "2",
  ];
  const { code, out, err } = await callNode(
    ["pair", "--server", url, "--token", PAIRING, ...flags],
    { state },
  );
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(asked).toEqual([
    {
      token: PAIRING,
      node_version: "0.1.0",
      platform: expect.any(String),
      arch: expect.any(String),
    },
  ]);
  expect(await configIn(state)).toEqual({
    server: url,
    name: "lab-7",
    token: TOKEN,
    allowed_paths: ["/srv", "/var/lib"],
    labels: { gpu: "a100", fast: "" },
    slots: 2,
  });
  expect((await stat(join(state, "node.json"))).mode & 0o777).toBe(0o600);
  expect((await stat(state)).mode & 0o777).toBe(0o700);
  expect(await readdir(state)).toEqual(["node.json"]);
  expect(out).toContain("Paired as lab-7");
  expect(out).toContain(`Start it: yard-node run --state ${state}\n`);
  expect(out + err).not.toContain(TOKEN);
});

test("the token comes from standard input or the environment, out of sight of others", async () => {
  const { url, asked } = await server();
  const flags = ["pair", "--server", url];
  await callNode([...flags, "--token", "-"], { state: newState(), stdin: `${PAIRING}\n` });
  await callNode(flags, { state: newState(), env: { YARD_NODE_TOKEN: PAIRING } });
  expect(asked).toEqual([PAIRING, PAIRING].map((token) => expect.objectContaining({ token })));
});

test("a machine that is paired is not paired again by accident", async () => {
  const { url, asked } = await server();
  const state = newState({ server: "ws://127.0.0.1:1", token: "old" });
  const flags = ["pair", "--server", url, "--token", PAIRING];
  expect(await callNode(flags, { state })).toMatchObject({
    code: 5,
    err: expect.stringContaining("--force"),
  });
  expect(asked).toEqual([]);
  expect(await configIn(state)).toMatchObject({ token: "old" });
  expect(await callNode([...flags, "--force"], { state })).toMatchObject({ code: 0 });
  expect(await configIn(state)).toMatchObject({ token: TOKEN, server: url });
});

test("a machine that is paired anew goes on allowing what its owner allowed, and no more", async () => {
  const { url } = await server();
  const words = {
    allowed_paths: ["/srv"],
    allow: { exec: false, jobs: false },
    commands: { refuse: ["rm *"] },
    labels: { gpu: "a100" },
    slots: 2,
    proxy_url: "direct",
  };
  const state = newState({ server: url, token: "old", previous_token: "older", ...words });
  const flags = ["pair", "--server", url, "--token", PAIRING, "--force"];
  expect(await callNode(flags, { state })).toMatchObject({ code: 0 });
  expect(await configIn(state)).toEqual({ server: url, name: "lab-7", token: TOKEN, ...words });
  await callNode([...flags, "--allow", "/opt"], { state });
  expect(await configIn(state)).toMatchObject({ ...words, allowed_paths: ["/opt"] });
});

test("what was about the way to one server does not go along to another", async () => {
  const { url } = await server();
  const way = { insecure: true, pin: "ab".repeat(32), ca_cert: "/etc/old.pem" };
  const state = newState({ server: "ws://192.0.2.1", ...way, e2e: "off", slots: 3 });
  const flags = ["pair", "--server", url, "--token", PAIRING, "--force"];
  expect(await callNode(flags, { state })).toMatchObject({ code: 0 });
  const kept = { server: url, name: "lab-7", token: TOKEN, e2e: "off", slots: 3 };
  expect(await configIn(state)).toEqual(kept);
});

test("a configuration that is not valid is not paired over, for its owner may have forbidden something", async () => {
  const { url, asked } = await server();
  const state = newState({ server: url, ...{ alow: { exec: false } } });
  const flags = ["pair", "--server", url, "--token", PAIRING, "--force"];
  const { code, err } = await callNode(flags, { state });
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('did you mean "allow"?') });
  expect(asked).toEqual([]);
});

test("of two words on encryption the stricter one holds where a machine is paired anew", async () => {
  const { url } = await server({
    status: 200,
    body: { name: "lab-7", token: TOKEN, e2e: "preferred" },
  });
  for (const [was, is] of [
    ["off", "preferred"],
    ["required", "required"],
  ] as const) {
    const state = newState({ server: url, e2e: was });
    await callNode(["pair", "--server", url, "--token", PAIRING, "--force"], { state });
    expect(await configIn(state)).toMatchObject({ e2e: is });
  }
});

test.each([
  ["requires it", "required", false],
  ["prefers it and has had it", "preferred", true],
] as const)(
  "a node that %s is told before it dials that its server does not encrypt",
  async (_, e2e, isKnown) => {
    const { url } = await server();
    const state = newState({ server: url, e2e });
    const link = `${url.replace("http", "ws")}/ws/nodes`;
    if (isKnown) await writeFile(join(state, "memory.json"), JSON.stringify({ encrypted: [link] }));
    const flags = ["pair", "--server", url, "--token", PAIRING, "--force"];
    const { out } = await callNode(flags, { state });
    expect(out).toContain(
      "The server does not encrypt end to end with lab-7, and this node insists",
    );
    expect(out).toContain('write "e2e": "off" into node.json');
    expect(await configIn(state)).toMatchObject({ e2e });
    expect((await callNode([...flags, "--e2e", "off"], { state })).out).not.toContain("encrypt");
    expect(await configIn(state)).toMatchObject({ e2e: "off" });
  },
);

test("what is wrong here is found before the token is used up", async () => {
  const { url, asked } = await server();
  const flags = ["pair", "--token", PAIRING];
  const calls = [
    [...flags],
    [...flags, "--server", url, "--allow", "relative"],
    [...flags, "--server", url, "--allow", process.execPath],
    [...flags, "--server", url, "--slots", "many"],
    [...flags, "--server", url, "--e2e", "sometimes"],
    [...flags, "--server", url, "--label", "=a100"],
    [...flags, "--server", url, "--label", "a b=c"],
    [...flags, "--server", "ws://yard.example.org"],
    [...flags, "--server", url, "--lasting"],
    [...flags, "--server", url, "--frobnicate"],
    ["pair", "--server", url],
  ];
  for (const call of calls) {
    const { code, err } = await callNode(call, { state: newState() });
    expect([code, err.startsWith("yard-node: ")], call.join(" ")).toEqual([2, true]);
  }
  expect(asked).toEqual([]);
});

test.each(["many", "0", "1001", "1.5", "-3", "1e2", ""])(
  "--slots %j is told by its name, with what is wanted and what was given",
  async (slots) => {
    const flags = ["pair", "--server", "ws://127.0.0.1:1", "--token", PAIRING, `--slots=${slots}`];
    const { code, err } = await callNode(flags, { state: newState() });
    const wanted = `--slots ${slots}: must be a whole number from 1 to 1000`;
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(wanted) });
  },
);

test("an allowed folder that is not there is told by its path, and paired with: it may still be made", async () => {
  const { url } = await server();
  const state = newState();
  const missing = join(state, "to-come");
  const folders = ["--allow", state, "--allow", missing];
  const flags = ["pair", "--server", url, "--token", PAIRING, ...folders];
  const { code, err } = await callNode(flags, { state });
  expect({ code, err: err.trim().split("\n") }).toEqual({
    code: 0,
    err: [expect.stringMatching(`allowed_paths: ${missing} allows nothing yet \\(ENOENT`)],
  });
  expect(await configIn(state)).toMatchObject({ allowed_paths: [state, missing] });
});

test.skipIf(!existsSync("/proc/self"))(
  "a folder that cannot be made is told by its path, before the token is used",
  async () => {
    const { url, asked } = await server();
    const flags = ["--server", url, "--token", PAIRING];
    for (const command of ["pair", "run"]) {
      const { code, err } = await callNode([command, ...flags], { state: "/proc/none/state" });
      const said = expect.stringMatching(
        /folder \/proc\/none\/state cannot be made \(ENOENT.*--state/,
      );
      expect({ code, err }).toEqual({ code: 2, err: said });
    }
    const install = ["install", "--manager", "systemd", "--output", "/proc/none/a/unit"];
    const { code, err } = await callNode(install, { state: newState() });
    expect({ code, err }).toEqual({ code: 4, err: expect.stringContaining("/proc/none/a/unit") });
    expect(asked).toEqual([]);
  },
);

test("an authority that cannot be read is told with its option and its file, before the token is used", async () => {
  const { url, asked } = await server();
  const state = newState();
  const text = join(state, "text");
  await writeFile(text, "no certificate");
  for (const file of [join(state, "none.pem"), text, state]) {
    for (const more of [[], ["--lasting", "--name", "lab-7"]]) {
      const flags = ["pair", "--server", url, "--token", PAIRING, "--ca-cert", file, ...more];
      const { code, err } = await callNode(flags, { state });
      const said = expect.stringContaining(`ca_cert (--ca-cert): ${file}`);
      expect({ code, err }).toEqual({ code: 2, err: said });
      expect(err).not.toContain("cannot be reached");
    }
  }
  expect(asked).toEqual([]);
});

test.skipIf(process.getuid?.() === 0)(
  "a folder that cannot be written is found before the token is used up",
  async () => {
    const { url, asked } = await server();
    const state = newState();
    await chmod(state, 0o500);
    const { code } = await callNode(["pair", "--server", url, "--token", PAIRING], { state });
    await chmod(state, 0o700);
    expect(code).not.toBe(0);
    expect(asked).toEqual([]);
  },
);

test.each([
  [401, 4, "the pairing token has been used"],
  [429, 5, "too many tries"],
  [503, 6, "not ready"],
])("a server that answers %i makes exit code %i, and says why", async (status, exit, detail) => {
  const { url } = await server({ status, body: { detail } });
  const state = newState();
  const { code, err } = await callNode(["pair", "--server", url, "--token", PAIRING], { state });
  expect({ code, err }).toEqual({ code: exit, err: expect.stringContaining(detail) });
  expect(err).not.toContain(PAIRING);
  expect(await readdir(state)).toEqual([]);
});

test("a server that is no Yardmaster is told, and one that is not there", async () => {
  const { url } = await server({ status: 200, body: { hello: "world" } });
  const other = await callNode(["pair", "--server", url, "--token", PAIRING], {
    state: newState(),
  });
  expect(other).toMatchObject({ code: 2, err: expect.stringContaining("does not answer like") });
  const none = ["pair", "--server", "ws://127.0.0.1:1", "--token", PAIRING];
  expect(await callNode(none, { state: newState() })).toMatchObject({ code: 6 });
});

test("a lasting token of a base server is taken as it is", async () => {
  const state = newState();
  const flags = [
    "--server",
    "wss://base.example",
    "--token",
    TOKEN,
    "--name",
    "lab-7",
    "--lasting",
  ];
  expect(await callNode(["pair", ...flags], { state })).toMatchObject({ code: 0 });
  expect(await configIn(state)).toEqual({
    server: "wss://base.example",
    name: "lab-7",
    token: TOKEN,
  });
});

test("a node that was paired with encryption insists on it", async () => {
  const { url } = await server({
    status: 200,
    body: { name: "lab-7", token: TOKEN, e2e: "required" },
  });
  const state = newState();
  await callNode(["pair", "--server", url, "--token", PAIRING], { state });
  expect(await configIn(state)).toMatchObject({ e2e: "required" });
});

test("run with a pairing token pairs and stays; the same line again finds it paired", async () => {
  const fake = await server();
  const state = newState();
  const line = ["run", "--server", fake.url, "--token", PAIRING, "--name", "lab-7"];
  const first = await startNode(line, { state });
  expect((await (await fake.connection()).login()).auth).toMatchObject({ token: TOKEN });
  first.child.kill("SIGTERM");
  expect(await first.exit).toMatchObject({ code: 0 });
  expect(first.out()).toContain("Paired as lab-7");
  expect(first.out()).not.toContain("Start it");
  const second = await startNode(line, { state });
  expect((await (await fake.connection()).login()).auth).toMatchObject({ token: TOKEN });
  expect(fake.asked).toHaveLength(1);
  second.child.kill("SIGTERM");
  expect(await second.exit).toMatchObject({ code: 0 });
  expect(second.err()).toMatch(/ info {2}this machine is paired already: --token is not used;/);
});

test("run on a paired machine tells which of its flags it does not use", async () => {
  const fake = await server();
  const state = newState({ server: fake.url, allowed_paths: ["/srv"] });
  const flags = ["--server", fake.url, "--allow", "/srv", "--allow", "/opt", "--label", "gpu"];
  const node = await startNode(["run", ...flags], { state });
  await (await fake.connection()).login();
  node.child.kill("SIGTERM");
  expect(await node.exit).toMatchObject({ code: 0 });
  expect(node.err()).toContain(
    ` warn  this machine is paired already: --allow and --label are not used; what holds stands in ${join(state, "node.json")}, and --force pairs it anew`,
  );
});

test("run pairs with the token of the environment as well, and asks for one where there is none", async () => {
  const fake = await server();
  const state = newState();
  const line = ["run", "--server", fake.url, "--name", "lab-7"];
  const without = await callNode(line, { state });
  expect(without).toMatchObject({ code: 2, err: expect.stringContaining("YARD_NODE_TOKEN") });
  const node = await startNode(line, { state, env: { YARD_NODE_TOKEN: PAIRING } });
  expect((await (await fake.connection()).login()).auth).toMatchObject({ token: TOKEN });
  expect(fake.asked).toEqual([expect.objectContaining({ token: PAIRING })]);
  node.child.kill("SIGTERM");
  expect(await node.exit).toMatchObject({ code: 0 });
});

test("an address with a path that leads nowhere is refused before the token is used", async () => {
  const { url, asked } = await server();
  const state = newState();
  const { code, err } = await callNode(["pair", "--server", `${url}/docs`, "--token", PAIRING], {
    state,
  });
  expect(code).toBe(2);
  expect(err).toContain(`server: has the path /docs; write ${url}, or ${url}/docs/ws/nodes`);
  expect(asked).toEqual([]);
});

import { randomUUID } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLOSE, type CloseName } from "@yardmaster/protocol/node";
import { expect, onTestFinished, test } from "vitest";
import { type FakeServer, startFakeServer } from "../src/link/testing/fake-server.ts";
import { callNode, newState, startNode, TOKEN } from "./node-process.ts";

/** Of no other test: the processes of a call are looked for on the whole machine, by its id. */
const CALL = randomUUID();

async function newServer(): Promise<FakeServer> {
  const server = await startFakeServer();
  onTestFinished(() => server.close());
  return server;
}

/** A node that has logged in. */
async function running(flags: readonly string[] = []) {
  const server = await newServer();
  const state = newState({ server: server.url });
  const node = await startNode(["run", ...flags], { state });
  const connection = await server.connection();
  await connection.login();
  await connection.hear("node_info");
  return { server, state, node, connection };
}

test("a signal makes the node say bye, close and end well", async () => {
  const { node, connection } = await running();
  node.child.kill("SIGTERM");
  expect(await connection.hear("bye")).toMatchObject({ reason: "node_shutdown" });
  expect(await connection.closed).toMatchObject({ code: 1000 });
  expect(await node.exit).toEqual({ code: 0, signal: null });
});

test("a second signal kills what runs, which is told, and the node ends well", async () => {
  const { node, connection } = await running();
  connection.say({ type: "exec", id: CALL, command: "echo ready; exec sleep 998" });
  await connection.hear("exec_chunk");
  const again = setInterval(() => node.child.kill("SIGINT"), 50);
  node.child.stderr?.on("data", () => {
    if (node.err().includes("told to stop again")) clearInterval(again);
  });
  expect(await node.exit.finally(() => clearInterval(again))).toEqual({ code: 0, signal: null });
  await connection.hear("bye");
  expect(await connection.hear("exec_chunk")).toMatchObject({ status: "canceled" });
  expect(node.err()).toContain("told to stop again");
});

test("a node whose starter is gone stops as on a signal", async () => {
  const server = await newServer();
  const state = newState({ server: server.url });
  const node = await startNode(["run"], { state, channel: true });
  const connection = await server.connection();
  await connection.login();
  await connection.hear("node_info");
  node.child.disconnect();
  expect(await connection.hear("bye")).toMatchObject({ reason: "node_shutdown" });
  expect(await node.exit).toEqual({ code: 0, signal: null });
});

test("a node that cannot reach its server still ends at once when it is told to", async () => {
  const state = newState({ server: "ws://127.0.0.1:1" });
  const node = await startNode(["run"], { state });
  await new Promise<void>((done) => node.child.stderr?.once("data", () => done()));
  node.child.kill("SIGINT");
  expect(await node.exit).toEqual({ code: 0, signal: null });
});

test("status tells how the node is, stop ends it, and then neither finds one", async () => {
  const { node, state } = await running();
  const { code, out } = await callNode(["status", "--json"], { state });
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    pid: node.child.pid,
    name: "lab-7",
    state: "connected",
    session_id: "s-1",
    protocol_version: "0.1.0",
    encrypted: false,
    load: { calls: 0, jobs: 0, slots: 4 },
  });
  expect(out).not.toContain(TOKEN);
  expect((await stat(join(state, "node.sock"))).mode & 0o777).toBe(0o600);
  expect(await callNode(["stop"], { state })).toMatchObject({ code: 0 });
  expect(await node.exit).toEqual({ code: 0, signal: null });
  expect(await callNode(["status"], { state })).toMatchObject({ code: 3 });
  expect(await callNode(["stop"], { state })).toMatchObject({ code: 3 });
});

test("two nodes do not run on one folder, and one that was killed is in nobody's way", async () => {
  const { node, state, server, connection } = await running();
  connection.say({ type: "exec", id: CALL, command: "sleep 1; echo alive" });
  expect(await callNode(["run"], { state })).toMatchObject({ code: 5 });
  const anew = ["run", "--force", "--server", server.url, "--token", "works-once"];
  const { code, out, err } = await callNode(anew, { state });
  expect({ code, out }).toEqual({ code: 5, out: "" });
  expect(err).toContain("stop it first");
  expect(await connection.hear("exec_chunk")).toMatchObject({ data: Buffer.from("alive\n") });
  node.child.kill("SIGKILL");
  await node.exit;
  const next = await startNode(["run"], { state });
  await (await server.connection()).login();
  next.child.kill("SIGTERM");
  expect(await next.exit).toMatchObject({ code: 0 });
});

test.each([
  ["revoked", 10, "pair this machine again"],
  ["bad_version", 11, "up to date"],
  ["name_conflict", 5, "another machine uses this node's token"],
] as const)(
  "a session closed as %s ends the process with %i",
  async (name: CloseName, code, advice) => {
    const { node, connection } = await running();
    connection.socket.close(CLOSE[name]);
    expect(await node.exit).toEqual({ code, signal: null });
    expect(node.err()).toContain(advice);
    expect(node.err()).not.toContain(TOKEN);
  },
);

test("for a service manager that knows only success, a refusal is one, and status tells of it until the next start", async () => {
  const { node, connection, state, server } = await running(["--refusal-is-success"]);
  connection.socket.close(CLOSE.revoked);
  expect(await node.exit).toEqual({ code: 0, signal: null });
  const told = await callNode(["status"], { state });
  expect(told.code).toBe(3);
  expect(told.out).toMatch(
    /^No node runs on .*\. The last one ended at 20\S+Z: .*pair this machine again\n$/,
  );
  const next = await startNode(["run"], { state });
  await (await server.connection()).login();
  next.child.kill("SIGTERM");
  await next.exit;
  expect((await callNode(["status"], { state })).out).not.toContain("ended");
});

test("a token that the server does not know is tried five times, and ends with 4", async () => {
  const server = await newServer();
  const node = await startNode(["run"], { state: newState({ server: server.url }) });
  for (let tries = 0; tries < 5; tries++) {
    const connection = await server.connection();
    await connection.hear("hello");
    connection.say({ type: "hello_ack", protocol_version: "0.1.0", session_id: "s-1" });
    await connection.hear("auth");
    connection.say({ type: "auth_err", reason: "invalid_token", code: 4001 });
    connection.socket.close(4001);
  }
  expect(await node.exit).toEqual({ code: 4, signal: null });
  expect(node.err()).toContain("where it was renamed on the server, write its new name into");
});

test("a configuration that others can read is not used", async () => {
  const { code, err } = await callNode(["run"], {
    state: newState({ server: "ws://127.0.0.1:1" }, 0o644),
  });
  expect({ code, err }).toEqual({ code: 4, err: expect.stringContaining("chmod 600") });
});

test("a configuration that is wrong is refused by its fields", async () => {
  const state = newState({ server: "ws://127.0.0.1:1" });
  await writeFile(join(state, "node.json"), JSON.stringify({ servre: "x", slots: -1 }));
  const { code, err } = await callNode(["run"], { state });
  expect(code).toBe(2);
  expect(err).toContain('servre: is not known; did you mean "server"?');
  expect(err).toContain("slots: ");
  expect(err).toContain("token: ");
});

test("a rotated token is in the file before it is confirmed", async () => {
  const { node, state, connection } = await running();
  const token = "n".repeat(43);
  connection.say({ type: "rotate_token", id: CALL, new_token: token });
  await connection.hear("rotate_ok");
  const path = join(state, "node.json");
  expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ token, previous_token: TOKEN });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(node.err()).not.toContain(token);
});

test("the installed unit starts the node in the foreground, and its signal stops it in time", async () => {
  const server = await newServer();
  const state = newState({ server: server.url });
  const { out } = await callNode(["install", "--manager", "systemd", "--print"], { state });
  const [, line = ""] = /^ExecStart=(.*)$/m.exec(out) ?? [];
  const node = await startNode([], { state, command: line.split(" ") });
  const connection = await server.connection();
  await connection.login();
  node.child.kill("SIGTERM");
  expect(await node.exit).toEqual({ code: 0, signal: null });
});

test("install writes the file that it is told to, and says how to start it", async () => {
  const state = newState();
  const output = join(state, "units/node.plist");
  const flags = ["install", "--manager", "launchd", "--output", output];
  expect(await callNode(flags, { state })).toMatchObject({
    code: 0,
    out: expect.stringContaining("launchctl"),
  });
  expect(await readFile(output, "utf8")).toContain(`<string>${state}</string>`);
  expect(await callNode(["install", "--user", "a b", "--print"], { state })).toMatchObject({
    code: 2,
  });
});

test("validate looks at the way to the server as far as its greeting, and logs nobody in", async () => {
  const server = await newServer();
  const state = newState({ server: server.url, allowed_paths: ["/", "/not/there"] });
  const validating = callNode(["validate"], { state });
  const connection = await server.connection();
  await connection.hear("hello");
  connection.say({ type: "hello_ack", protocol_version: "0.1.0", session_id: "s-1" });
  const { code, out } = await validating;
  await connection.closed;
  expect(connection.waiting()).toEqual([]);
  expect(code).toBe(1);
  expect(out).toMatch(/^ok .*node\.json is valid/m);
  expect(out).toMatch(/^ok .*allowed_paths: \/, but for the node's own folder/m);
  expect(out).toMatch(/^bad .*\/not\/there/m);
  expect(out).toMatch(/^ok .*speaks our protocol$/m);
});

test("validate shows that the node's own folder is closed, and an entry that allows nothing for it", async () => {
  const state = newState({ server: "ws://127.0.0.1:9" });
  const path = join(state, "node.json");
  const config = JSON.parse(await readFile(path, "utf8")) as object;
  await writeFile(path, JSON.stringify({ ...config, allowed_paths: ["/", state, tmpdir()] }));
  const { out } = await callNode(["validate", "--offline"], { state });
  const but = `but for the node's own folder ${state}`;
  expect(out).toContain(`ok    allowed_paths: /, ${but}\n`);
  expect(out).toContain(`ok    allowed_paths: ${tmpdir()}, ${but}\n`);
  expect(out).toContain(
    `warn  allowed_paths: ${state} allows nothing: it lies in the node's own folder ${state}\n`,
  );
});

test("a file among allowed_paths is refused, by its name and with the way out", async () => {
  const state = newState({
    server: "ws://127.0.0.1:9",
    allowed_paths: ["/", "/not/there", process.execPath],
  });
  const flaw = `allowed_paths: ${process.execPath} is no folder; list the folder that it is in`;
  const { code, err } = await callNode(["run"], { state });
  expect(code).not.toBe(0);
  expect(err).toContain(`node.json is not valid:\n  ${flaw}\n`);
  const { out } = await callNode(["validate", "--offline"], { state });
  expect(out).toContain(`bad   ${flaw}\n`);
});

test("a command that is not known is told with the nearest, and none with the usage", async () => {
  const state = newState();
  expect(await callNode(["statsu"], { state })).toMatchObject({
    code: 2,
    err: expect.stringContaining('"status"'),
  });
  expect(await callNode(["help"], { state })).toMatchObject({
    code: 0,
    out: expect.stringContaining("yard-node pair"),
  });
  expect(await callNode(["--version"], { state })).toMatchObject({ code: 0, out: "0.1.0\n" });
});

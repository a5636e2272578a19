import { randomBytes } from "node:crypto";
import {
  CLOSE,
  createKeyPair,
  createSealing,
  encodeFrame,
  handshakeKey,
  NODE_LIMITS,
  type NodeFrames,
  proofOf,
  type Sealing,
  sessionKey,
} from "@yardmaster/protocol/node";
import { expect, test, vi } from "vitest";
import type { FakeConnection } from "./testing/fake-server.ts";
import { linked, TOKEN } from "./testing/linked.ts";

const CALL = "8a51c6d2-7e0f-4b9a-b2c4-1f3e5d7a9b0c";
const ACK = { type: "hello_ack", protocol_version: "0.1.0", session_id: "s-1" } as const;
const CAPABILITIES = ["exec", "read", "info", "binary", "rotate"];

interface Encrypted {
  readonly sealing: Sealing;
  readonly auth: NodeFrames["auth"];
}

/** The server's side of an encrypted login. `proof` may be changed by whoever stands between. */
async function loginEncrypted(
  connection: FakeConnection,
  { token = TOKEN, changed = (proof: string): string | undefined => proof } = {},
): Promise<Encrypted> {
  const hello = await connection.hear("hello");
  const { privateKey, publicText } = createKeyPair();
  const salt = randomBytes(32).toString("base64url");
  connection.say({ ...ACK, capabilities: CAPABILITIES, ecdh_pub: publicText, salt });
  const auth = await connection.hear("auth");
  const peerPublic = hello.ecdh_pub as string;
  const key = handshakeKey({ privateKey, peerPublic, salt, token }) as Buffer;
  expect(auth).not.toHaveProperty("token");
  const proof = changed(proofOf(key, "server-auth"));
  const sealing = createSealing({ key: sessionKey(key, "s-1") });
  connection.say({ type: "auth_ok", session_id: "s-1", ...(proof === undefined ? {} : { proof }) });
  connection.encrypt(sealing);
  expect(auth.proof).toBe(proofOf(key, "client-auth"));
  return { sealing, auth };
}

async function encrypted() {
  const node = await linked({ config: { e2e: "required" } });
  const connection = await node.server.connection();
  const login = await loginEncrypted(connection);
  await connection.hear("node_info");
  return { ...node, ...login, connection };
}

test("an encrypted session carries everything in enc frames, and nothing as binary", async () => {
  const { connection, work, encrypted: known } = await encrypted();
  connection.say({ type: "read", id: CALL, path: "/a" });
  await vi.waitFor(() => expect(work.handled).toHaveLength(1));
  expect(work.link().has("binary")).toBe(false);
  expect(work.link().has("read")).toBe(true);
  work
    .link()
    .send({ type: "read_result", id: CALL, status: "ok", content_b64: "QQ==", size_bytes: 1 });
  expect(await connection.hear("read_result")).toMatchObject({ content_b64: "QQ==" });
  connection.say({ type: "ping", ts: "t" });
  expect(await connection.hear("pong")).toMatchObject({ echo_ts: "t" });
  expect(known).toHaveLength(1);
});

test("a result that has outgrown a message by encryption is told instead of sent", async () => {
  const { connection, work } = await encrypted();
  const content_b64 = "A".repeat(13 * 1024 * 1024);
  work.link().send({ type: "read_result", id: CALL, status: "ok", content_b64, size_bytes: 1 });
  expect(await connection.hear("error")).toMatchObject({ id: CALL, code: 5000 });
  expect(content_b64.length).toBeLessThan(NODE_LIMITS.messageBytes);
});

test.each(["required", "preferred"] as const)(
  "a token is never shown to a server that has encrypted before, and leaves it out now (%s)",
  async (e2e) => {
    const { server, link } = await linked({ config: { e2e }, random: () => 0 });
    const first = await server.connection();
    await loginEncrypted(first);
    first.socket.terminate();
    const second = await server.connection();
    await second.hear("hello");
    second.say(ACK);
    expect(await second.closed).toMatchObject({ code: CLOSE.bad_handshake });
    expect(second.waiting()).toEqual([]);
    expect(link.state().name).not.toBe("ended");
  },
);

test("where encryption is required, a server without it is given nothing from the first time on", async () => {
  const { server, lines } = await linked({ config: { e2e: "required" } });
  const connection = await server.connection();
  await connection.hear("hello");
  connection.say(ACK);
  expect(await connection.closed).toMatchObject({ code: CLOSE.bad_handshake });
  expect(connection.waiting()).toEqual([]);
  expect(lines.join("\n")).toMatch(
    /left end-to-end encryption out.*yard node rotate lab-7 --e2e required.*"e2e": "off"/,
  );
});

test("a node that does not encrypt is told what to do where its server requires it", async () => {
  const { server, lines } = await linked();
  const connection = await server.connection();
  await connection.hear("hello");
  connection.say(ACK);
  await connection.hear("auth");
  connection.say({ type: "auth_err", reason: "e2e_required", code: CLOSE.auth_failed });
  connection.socket.close(CLOSE.auth_failed);
  await connection.closed;
  expect(lines.join("\n")).toMatch(/e2e_required; write "e2e": "required" into node\.json/);
});

test("where encryption is preferred, a server that has never done it gets the token", async () => {
  const { server } = await linked({ config: { e2e: "preferred" } });
  const { hello, auth } = await (await server.connection()).login();
  expect(hello).toMatchObject({ e2e: true, ecdh_pub: expect.stringMatching(/^.{43}$/) });
  expect(auth.token).toBe(TOKEN);
});

test.each([
  ["preferred", true],
  ["required", false],
] as const)(
  "a server that does not understand the offer of encryption is asked without it where it is %s: %s",
  async (e2e, isPlain) => {
    const { server } = await linked({ config: { e2e } });
    const refused = await server.connection();
    await refused.hear("hello");
    refused.say({ type: "hello_err", reason: "bad_hello", code: CLOSE.bad_handshake });
    refused.socket.close(CLOSE.bad_handshake);
    const hello = await (await server.connection()).hear("hello");
    expect(hello.ecdh_pub === undefined).toBe(isPlain);
  },
);

test.each([
  ["leaves its proof out", () => undefined],
  ["sends back the node's own proof", (proof: string) => [...proof].reverse().join("")],
])("a server that %s is left", async (_what, changed) => {
  const { server, work } = await linked({ config: { e2e: "required" } });
  const connection = await server.connection();
  await loginEncrypted(connection, { changed });
  expect(await connection.closed).toMatchObject({ code: CLOSE.auth_failed });
  expect(work.heard).toEqual([]);
});

test("a key of small order is refused", async () => {
  const { server } = await linked({ config: { e2e: "required" } });
  const connection = await server.connection();
  await connection.hear("hello");
  const zeroes = Buffer.alloc(32).toString("base64url");
  connection.say({ ...ACK, ecdh_pub: zeroes, salt: zeroes });
  expect(await connection.closed).toMatchObject({ code: CLOSE.bad_handshake });
});

test("a message that is played again ends the session, and is not obeyed twice", async () => {
  const { connection, sealing, work } = await encrypted();
  const data = sealing.seal(encodeFrame({ type: "exec", id: CALL, command: "true" }));
  connection.socket.send(encodeFrame({ type: "enc", data }));
  connection.socket.send(encodeFrame({ type: "enc", data }));
  expect(await connection.closed).toMatchObject({ code: CLOSE.bad_frames });
  expect(work.handled).toHaveLength(1);
});

test("a message of its own that comes back ends the session", async () => {
  const { connection, link } = await encrypted();
  const echo = new Promise<string>((done) => {
    connection.socket.prependListener("message", (data: Buffer) => done(data.toString()));
  });
  connection.say({ type: "ping" });
  connection.socket.send(await echo);
  expect(await connection.closed).toMatchObject({ code: CLOSE.bad_frames });
  expect(link.state().name).not.toBe("ended");
});

test.each([
  ["in clear", `{"type":"exec","id":"${CALL}","command":"true"}`],
  ["that is forged", encodeFrame({ type: "enc", data: randomBytes(64).toString("base64url") })],
  ["that is too short", '{"type":"enc","data":"AAAA"}'],
])("a message %s ends the session", async (_what, text) => {
  const { connection, work } = await encrypted();
  connection.socket.send(text);
  expect(await connection.closed).toMatchObject({ code: CLOSE.bad_frames });
  expect(work.handled).toEqual([]);
});

test("a binary message ends an encrypted session", async () => {
  const { connection } = await encrypted();
  connection.socket.send(Buffer.alloc(40, 1));
  expect(await connection.closed).toMatchObject({ code: CLOSE.bad_frames });
});

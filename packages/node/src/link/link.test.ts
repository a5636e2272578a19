import type { Socket } from "node:net";
import { BASE_CAPABILITIES, CAPABILITIES, CLOSE, NODE_LIMITS } from "@yardmaster/protocol/node";
import * as fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { startFakeServer } from "./testing/fake-server.ts";
import { linked, TOKEN } from "./testing/linked.ts";

const CALL = "8a51c6d2-7e0f-4b9a-b2c4-1f3e5d7a9b0c";

test("a node says hello in the words of the base protocol, logs in, and tells what it is", async () => {
  const { server, work } = await linked();
  const connection = await server.connection();
  const { hello, auth } = await connection.login();
  expect(Object.keys(hello).sort()).toEqual([
    ...["arch", "capabilities", "node_name", "node_version", "platform"],
    ...["protocol_version", "ts", "type"],
  ]);
  expect(hello.capabilities).toEqual([...CAPABILITIES]);
  expect(auth).toMatchObject({ node_name: "lab-7", token: TOKEN });
  expect(await connection.hear("node_info")).toMatchObject({ instance_id: "i-1", slots: 4 });
  await vi.waitFor(() => expect(work.decisions).toEqual(["fresh"]));
});

test("a server of the base protocol is sent nothing that it does not know", async () => {
  const { server, work } = await linked();
  const connection = await server.connection();
  await connection.login({ capabilities: BASE_CAPABILITIES });
  await vi.waitFor(() => expect(work.decisions).toEqual(["fresh"]));
  expect(work.link().send({ type: "task_ready", slots: 1 })).toBe("sent");
  work.link().send({ type: "exec_result", id: CALL, status: "ok" });
  expect(await connection.hear("exec_result")).toMatchObject({ id: CALL });
  expect(connection.waiting()).toEqual([]);
});

test("a server of the base protocol that sends an extension is told that it is not known", async () => {
  const { server, work } = await linked();
  const connection = await server.connection();
  await connection.login({ capabilities: BASE_CAPABILITIES });
  connection.say({ type: "reset", id: CALL });
  expect(await connection.hear("error")).toMatchObject({ id: CALL, code: 5001 });
  expect(work.handled).toEqual([]);
});

test("what the owner does not allow is not offered, and not done where a server grants it all the same", async () => {
  const { server, work } = await linked({
    config: { allow: { exec: false, jobs: false, write: false } },
  });
  const connection = await server.connection();
  const { hello } = await connection.login({ capabilities: ["exec", "write"] });
  connection.say({ type: "exec", id: CALL, command: "true" });
  expect(await connection.hear("error")).toMatchObject({ id: CALL, code: 5001 });
  expect(work.handled).toEqual([]);
  expect(hello.capabilities).toEqual([
    "read",
    "info",
    "resume",
    "lifecycle",
    "rotate",
    "files",
    "binary",
  ]);
});

test("a call that comes in the same packet as the login is not lost", async () => {
  const { server, work } = await linked();
  const connection = await server.connection();
  await connection.hear("hello");
  connection.say({
    type: "hello_ack",
    protocol_version: "0.1.0",
    session_id: "s-1",
    capabilities: ["exec"],
  });
  await connection.hear("auth");
  connection.together(() => {
    connection.say({ type: "auth_ok", session_id: "s-1" });
    connection.say({ type: "exec", id: CALL, command: "true" });
  });
  await vi.waitFor(() => expect(work.handled).toHaveLength(1));
  expect(work.handled[0]).toMatchObject({ type: "exec", id: CALL });
});

test("a ping is answered at once, with what it said, also while calls run", async () => {
  const { server, work } = await linked();
  const connection = await server.connection();
  await connection.login({ capabilities: BASE_CAPABILITIES });
  connection.say({ type: "exec", id: CALL, command: "sleep 600" });
  await vi.waitFor(() => expect(work.handled).toHaveLength(1));
  connection.say({ type: "ping", ts: "2026-03-02T09:00:30.004Z" });
  expect(await connection.hear("pong")).toMatchObject({ echo_ts: "2026-03-02T09:00:30.004Z" });
});

test("a link on which nothing comes is given up, and dialled again", async () => {
  const { server, lines } = await linked({ times: { pingMs: 20, watchdogMs: 60 } });
  const first = await server.connection();
  await first.login();
  expect(await first.closed).toMatchObject({ code: 1006 });
  await (await server.connection()).login();
  expect(lines.join("\n")).toContain("nothing came from the server");
});

test("pongs alone keep a link alive", async () => {
  const { server, link } = await linked({ times: { pingMs: 15, watchdogMs: 90 } });
  const connection = await server.connection();
  await connection.login({ capabilities: BASE_CAPABILITIES });
  for (let pings = 0; pings < 12; pings++) {
    await vi.waitFor(() => expect(connection.waiting()).not.toEqual([]), { interval: 2 });
    (connection.waiting() as unknown[]).length = 0;
    connection.say({ type: "pong" });
  }
  expect(link.state().name).toBe("connected");
});

test("calls and leases of a cut link are offered again, with the token of the session, and continued", async () => {
  const { server, work } = await linked();
  const first = await server.connection();
  await first.login({ resumeToken: "rt-1", graceMs: 60_000 });
  await first.hear("node_info");
  work.open = [{ id: CALL, state: "running", last_seq: 42 }];
  first.socket.terminate();
  const second = await server.connection();
  await second.login({ sessionId: "s-2", resumeToken: "rt-2" });
  await second.hear("node_info");
  expect(await second.hear("resume")).toMatchObject({
    resume_token: "rt-1",
    calls: [{ id: CALL, state: "running", last_seq: 42 }],
  });
  expect(work.heard).toEqual(["up", "down"]);
  const calls = [{ id: CALL, action: "continue" as const, from_seq: 40 }];
  second.say({ type: "resume_ok", calls });
  await vi.waitFor(() =>
    expect(work.decisions).toEqual(["fresh", expect.objectContaining({ calls })]),
  );
  expect(work.link().sessionId).toBe("s-2");
});

test("a session that cannot be taken up again begins afresh", async () => {
  const { server, work } = await linked();
  const first = await server.connection();
  await first.login({ resumeToken: "rt-1" });
  first.socket.terminate();
  const second = await server.connection();
  await second.login({ sessionId: "s-2" });
  await second.hear("node_info");
  await second.hear("resume");
  second.say({ type: "resume_err", reason: "expired" });
  await vi.waitFor(() => expect(work.decisions).toEqual(["fresh", "fresh"]));
});

test("a server that does not answer a resume is worked for all the same", async () => {
  const { server, work } = await linked({ times: { resumeMs: 20 } });
  const first = await server.connection();
  await first.login({ resumeToken: "rt-1" });
  first.socket.terminate();
  const second = await server.connection();
  await second.login({ sessionId: "s-2" });
  await second.hear("node_info");
  await second.hear("resume");
  second.say({ type: "exec", id: CALL, command: "true" });
  await vi.waitFor(() => expect(work.handled).toHaveLength(1));
  expect(work.decisions).toEqual(["fresh", "fresh"]);
});

test("an answer to a resume that comes too late changes nothing", async () => {
  const { server, work } = await linked({ times: { resumeMs: 20 } });
  const first = await server.connection();
  await first.login({ resumeToken: "rt-1" });
  first.socket.terminate();
  const second = await server.connection();
  await second.login({ sessionId: "s-2" });
  await second.hear("node_info");
  await second.hear("resume");
  await vi.waitFor(() => expect(work.decisions).toEqual(["fresh", "fresh"]));
  second.say({ type: "resume_ok" });
  second.say({ type: "ping" });
  await second.hear("pong");
  expect(work.decisions).toEqual(["fresh", "fresh"]);
});

test("what nobody continues within its grace time is given up", async () => {
  const { server, work } = await linked({ random: () => 1, times: { firstBackoffMs: 20_000 } });
  const connection = await server.connection();
  await connection.login({ resumeToken: "rt-1", graceMs: 30 });
  await connection.hear("node_info");
  connection.socket.terminate();
  await vi.waitFor(() => expect(work.heard).toEqual(["up", "down", "abandon"]));
});

test("without resume, what runs is given up with the link", async () => {
  const { server, work } = await linked();
  const connection = await server.connection();
  await connection.login({ capabilities: BASE_CAPABILITIES });
  await vi.waitFor(() => expect(work.heard).toEqual(["up"]));
  connection.socket.terminate();
  await vi.waitFor(() => expect(work.heard.slice(0, 3)).toEqual(["up", "down", "abandon"]));
});

test.each([
  [CLOSE.revoked, "revoked"],
  [CLOSE.name_conflict, "name_conflict"],
  [CLOSE.bad_version, "bad_version"],
] as const)("close %i is for good: %s", async (code, exit) => {
  const { server, ended, link } = await linked();
  const connection = await server.connection();
  await connection.login();
  connection.socket.close(code);
  expect(await ended).toMatchObject({ kind: "final", exit });
  expect(link.state().name).toBe("ended");
});

test.each(Object.entries(CLOSE).filter(([, code]) => ![4002, 4006, 4011].includes(code)))(
  "close %s is not: the node dials again",
  async (_name, code) => {
    const { server, link } = await linked();
    const connection = await server.connection();
    await connection.login();
    connection.socket.close(code);
    await (await server.connection()).login();
    await vi.waitFor(() => expect(link.state().name).toBe("connected"));
  },
);

test("a bye because of a revocation is final, also where the close is lost", async () => {
  const { server, ended } = await linked();
  const connection = await server.connection();
  await connection.login();
  await connection.hear("node_info");
  connection.socket.send('{"type":"bye","reason":"revoked"}', () => connection.socket.terminate());
  expect(await ended).toMatchObject({ kind: "final", exit: "revoked" });
});

test("a node that is revoked while the server goes away does not come back", async () => {
  const { server, ended } = await linked();
  const connection = await server.connection();
  await connection.login();
  await connection.hear("node_info");
  connection.together(() => {
    connection.say({ type: "bye", reason: "server_shutdown" });
    connection.socket.close(CLOSE.revoked);
  });
  expect(await ended).toMatchObject({ kind: "final", exit: "revoked" });
});

test.each([
  ["revoked", 4001, "revoked"],
  ["name_conflict", 4011, "name_conflict"],
] as const)("a login refused as %s (%i) is final", async (reason, code, exit) => {
  const { server, ended } = await linked();
  const connection = await server.connection();
  await connection.hear("hello");
  connection.say({ type: "hello_ack", protocol_version: "0.1.0", session_id: "s-1" });
  await connection.hear("auth");
  connection.say({ type: "auth_err", reason, code });
  connection.socket.close(code);
  expect(await ended).toMatchObject({ kind: "final", exit, why: expect.stringContaining(reason) });
});

test.each([
  [{ type: "hello_err", reason: "unsupported_protocol_version", code: 4002 } as const],
  [{ type: "hello_ack", protocol_version: "1.0.0", session_id: "s-1" } as const],
])("another major version is final: %j", async (frame) => {
  const { server, ended } = await linked();
  const connection = await server.connection();
  await connection.hear("hello");
  connection.say(frame);
  expect(await ended).toMatchObject({ kind: "final", exit: "bad_version" });
});

test("a token that is not known is tried five times, then no more", async () => {
  const { server, ended } = await linked();
  for (let tries = 0; tries < 5; tries++) {
    const connection = await server.connection();
    await connection.hear("hello");
    connection.say({ type: "hello_ack", protocol_version: "0.1.0", session_id: "s-1" });
    await connection.hear("auth");
    connection.say({ type: "auth_err", reason: "invalid_token", code: 4001 });
    connection.socket.close(4001);
  }
  expect(await ended).toMatchObject({ kind: "final", exit: "token_refused" });
});

test("a server that says nothing is left after its time", async () => {
  const { server, lines } = await linked({ times: { waitMs: 20 } });
  const silent = await server.connection();
  expect(await silent.closed).toMatchObject({ code: CLOSE.handshake_timeout });
  await (await server.connection()).login();
  expect(lines.join("\n")).toContain("no hello_ack came");
});

test("a server that goes on after a login has failed, and answers no close, is cut", async () => {
  const { server } = await linked();
  const connection = await server.connection();
  await connection.hear("hello");
  connection.socket.pause();
  const talk = setInterval(() => connection.say({ type: "ping" }), 10);
  onTestFinished(() => clearInterval(talk));
  expect(await connection.closed).toMatchObject({ code: CLOSE.bad_handshake });
}, 10_000);

test.each([
  ["larger than any that is taken", 0x82, "Max payload size exceeded"],
  ["compressed", 0xc2, "RSV1 must be clear"],
])("a message that is %s ends the link, and the log says why", async (_, first, why) => {
  const { server, lines } = await linked();
  const connection = await server.connection();
  await connection.login();
  const header = Buffer.from([first, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeBigUInt64BE(BigInt(NODE_LIMITS.inboundBytes + 1), 2);
  (connection.socket as unknown as { _socket: Socket })._socket.write(header);
  await server.connection();
  expect(lines.join("\n")).toContain(why);
});

test("a rate limit is waited out", async () => {
  const { server, link } = await linked();
  const connection = await server.connection();
  await connection.login();
  connection.say({ type: "rate_limit" });
  connection.socket.close(CLOSE.rate_limit);
  await vi.waitFor(() => expect(link.state().name).toBe("waiting"));
  const state = link.state();
  expect(state.name === "waiting" && state.untilMs - Date.now()).toBeGreaterThan(1_500);
});

test("a server that goes is left only when its calls have been answered, and for as long as it asks", async () => {
  const { server, work, link } = await linked();
  const connection = await server.connection();
  await connection.login();
  await connection.hear("node_info");
  let answer = () => {};
  work.drained = new Promise((done) => {
    answer = () => {
      work.link().send({ type: "exec_result", id: CALL, status: "ok" });
      done();
    };
  });
  connection.say({
    type: "bye",
    reason: "server_shutdown",
    drain_ms: 30_000,
    retry_after_ms: 5_000,
  });
  await vi.waitFor(() => expect(link.state().name).toBe("draining"));
  answer();
  expect(await connection.hear("exec_result")).toMatchObject({ id: CALL });
  expect(await connection.closed).toMatchObject({ code: 1000 });
  await vi.waitFor(() => expect(link.state().name).toBe("waiting"));
  const state = link.state();
  expect(state.name === "waiting" && state.untilMs - Date.now()).toBeGreaterThan(4_000);
});

test("a node that is stopped says bye, delivers what ends in time, and closes", async () => {
  const { server, work, link, ended } = await linked();
  const connection = await server.connection();
  await connection.login();
  await connection.hear("node_info");
  let answer = () => {};
  work.drained = new Promise((done) => {
    answer = done;
  });
  const stopped = link.stop(5_000);
  expect(await connection.hear("bye")).toMatchObject({ reason: "node_shutdown", drain_ms: 5_000 });
  work.link().send({ type: "exec_result", id: CALL, status: "ok" });
  answer();
  await connection.hear("exec_result");
  expect(await connection.closed).toMatchObject({ code: 1000 });
  await stopped;
  expect(await ended).toEqual({ kind: "stopped" });
  expect(work.heard).toContain("killAll");
});

test("a node is stopped while it dials, while it logs in and while it waits", async () => {
  const waiting = await linked({
    config: { server: "ws://127.0.0.1:1" },
    random: () => 1,
    times: { firstBackoffMs: 20_000 },
  });
  await vi.waitFor(() => expect(waiting.link.state().name).toBe("waiting"));
  await waiting.link.stop(5_000);
  expect(await waiting.ended).toEqual({ kind: "stopped" });
  const shaking = await linked();
  await shaking.server.connection();
  await vi.waitFor(() => expect(shaking.link.state().name).toBe("handshake"));
  await shaking.link.stop(5_000);
  expect(await shaking.ended).toEqual({ kind: "stopped" });
});

test("a bad message is told, and the third within a minute ends the session", async () => {
  const { server, work } = await linked();
  const connection = await server.connection();
  await connection.login();
  await connection.hear("node_info");
  connection.sayText("{");
  expect(await connection.hear("error")).toMatchObject({ code: 4000, reason: "bad_request" });
  connection.sayText(`{"type":"exec","id":"${CALL}"}`);
  expect(await connection.hear("error")).toMatchObject({ code: 4000, id: CALL });
  connection.sayText("[]");
  expect(await connection.closed).toMatchObject({ code: CLOSE.bad_frames });
  await (await server.connection()).login({ sessionId: "s-2" });
  await vi.waitFor(() => expect(work.heard).toEqual(["up", "down", "abandon", "up"]));
});

test("bad messages that are far apart end nothing", async () => {
  let nowMs = Date.now();
  const { server, link } = await linked({ now: () => nowMs });
  const connection = await server.connection();
  await connection.login();
  await connection.hear("node_info");
  for (let bad = 0; bad < 5; bad++) {
    nowMs += 31_000;
    connection.sayText("{");
    await connection.hear("error");
  }
  expect(link.state().name).toBe("connected");
});

test("a type that is not known is answered with 5001 and its id", async () => {
  const { server } = await linked();
  const connection = await server.connection();
  await connection.login();
  await connection.hear("node_info");
  connection.sayText(`{"type":"teleport","id":"${CALL}"}`);
  expect(await connection.hear("error")).toMatchObject({
    code: 5001,
    reason: "unknown_message",
    id: CALL,
  });
});

test("a server that sends what is not known on and on is answered, and does not fill the log", async () => {
  const { server, lines } = await linked();
  const connection = await server.connection();
  await connection.login();
  await connection.hear("node_info");
  for (let at = 0; at < 100; at += 1) connection.sayText('{"type":"teleport"}');
  for (let at = 0; at < 100; at += 1) await connection.hear("error");
  expect(lines.filter((line) => line.includes("teleport"))).toHaveLength(20);
  expect(lines.at(-1)).toBe("warn further ones like these are not told in this session");
});

test("a rotated token is stored, confirmed by its digest, and used for the next login", async () => {
  const { server, stored } = await linked();
  const connection = await server.connection();
  await connection.login();
  await connection.hear("node_info");
  const token = "n".repeat(43);
  connection.say({ type: "rotate_token", id: CALL, new_token: token });
  const sha256 = "2cf5f2091c2bb5f4f5eb9cd7b7ee2a4a5ce4ea9e1d1d7e6b0d31b6d4c9e2d3aa";
  expect((await connection.hear("rotate_ok")).sha256).toHaveLength(sha256.length);
  connection.socket.terminate();
  const { auth } = await (await server.connection()).login();
  expect(auth.token).toBe(token);
  await vi.waitFor(() => expect(stored).toEqual([`rotate ${token}`, `settle ${token}`]));
});

test("a token that comes over a link in clear is refused, and the server is told", async () => {
  const clear = await startFakeServer();
  // Of this machine, under a name that says nothing of it.
  const server = { ...clear, url: clear.url.replace("127.0.0.1", "0.0.0.0") };
  const { stored } = await linked({ server, config: { insecure: true } });
  const connection = await server.connection();
  await connection.login();
  await connection.hear("node_info");
  connection.say({ type: "rotate_token", id: "r-1", new_token: "another", old_valid_ms: 600_000 });
  expect(await connection.hear("rotate_err")).toMatchObject({
    id: "r-1",
    reason: "no token is taken over a link in clear",
  });
  expect(stored).toEqual([]);
});

test("a new name is stored, said in the log, and given at the next login", async () => {
  const { server, stored, lines } = await linked();
  const connection = await server.connection();
  await connection.login();
  connection.say({ type: "renamed", node_name: "lab\u00e9" });
  connection.say({ type: "renamed", node_name: "lab-9" });
  await vi.waitFor(() =>
    expect(lines).toContain(
      "info the server calls this node lab-9, which was lab-7; its configuration says so now",
    ),
  );
  expect(lines).toContain("warn the server gave this node a name that no node can have");
  expect(stored).toEqual(["rename lab-9"]);
  connection.socket.terminate();
  const { hello, auth } = await (await server.connection()).login();
  expect([hello.node_name, auth.node_name]).toEqual(["lab-9", "lab-9"]);
});

test("where the new token is not known, the one before is used and kept", async () => {
  const { server, stored } = await linked({
    config: { token: "n".repeat(43), previous_token: TOKEN },
  });
  const refused = await server.connection();
  await refused.hear("hello");
  refused.say({ type: "hello_ack", protocol_version: "0.1.0", session_id: "s-1" });
  expect((await refused.hear("auth")).token).toBe("n".repeat(43));
  refused.say({ type: "auth_err", reason: "invalid_token", code: 4001 });
  refused.socket.close(4001);
  const { auth } = await (await server.connection()).login();
  expect(auth.token).toBe(TOKEN);
  await vi.waitFor(() => expect(stored).toEqual([`settle ${TOKEN}`]));
});

test("a fault in the work is answered, and the link stays", async () => {
  const { server, work, link } = await linked();
  const connection = await server.connection();
  await connection.login();
  await connection.hear("node_info");
  work.onHandle = () => {
    throw new Error("a fault");
  };
  connection.say({ type: "read", id: CALL, path: "/a" });
  expect(await connection.hear("error")).toMatchObject({ id: CALL, code: 5000 });
  expect(link.state().name).toBe("connected");
});

test("frames and the close of an old link do nothing to the next one", async () => {
  const { server, work, link } = await linked();
  const first = await server.connection();
  await first.login({ sessionId: "s-1" });
  await first.hear("node_info");
  const old = work.link();
  first.socket.close(CLOSE.superseded);
  const second = await server.connection();
  await second.login({ sessionId: "s-2" });
  await second.hear("node_info");
  await vi.waitFor(() => expect(work.link().sessionId).toBe("s-2"));
  expect(old.send({ type: "exec_result", id: CALL, status: "ok" })).toBe("gone");
  await old.drained();
  expect(second.waiting()).toEqual([]);
  expect(link.state()).toMatchObject({ name: "connected", agreement: { sessionId: "s-2" } });
});

test("no message that a server sends ends the node, or is taken for a call that it is not", async () => {
  const { server, work } = await linked();
  const random = fc.sample(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json({ maxDepth: 2 }),
      fc.dictionary(
        fc.constantFrom("type", "id", "seq", "data", "ts"),
        fc.jsonValue({ maxDepth: 1 }),
      ),
      fc.record({
        type: fc.constantFrom("exec", "bye", "resume_ok", "cancel"),
        id: fc.jsonValue(),
      }),
    ),
    { numRuns: 300, seed: 1 },
  );
  const messages = random.map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
  while (messages.length > 0) {
    const connection = await server.connection();
    await connection.login();
    let isOpen = true;
    void connection.closed.then(() => {
      isOpen = false;
    });
    while (isOpen && messages.length > 0) {
      const text = messages.pop() as string;
      connection.socket.send(messages.length % 7 === 0 ? Buffer.from(text) : text);
      await new Promise((done) => setImmediate(done));
    }
    connection.socket.terminate();
  }
  expect(work.handled.filter(({ type }) => type !== "cancel")).toEqual([]);
});

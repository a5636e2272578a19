import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { createHold, startHub } from "./hub.fixture.ts";
import type { HubJobs } from "./jobs.types.ts";
import { BASE, connect, login, OURS, stamp } from "./wire-client.fixture.ts";
import { chunk, startYardClient } from "./yard-client.fixture.ts";
import { ping } from "./yard-node.fixture.ts";

const BY = { actor: "token:test" };
/** Ours, but for what lets calls outlive their link. */
const WITHOUT_RESUME = OURS.filter((token) => token !== "resume");

describe("a second connection", () => {
  it("has the place before it is told so, and the first one's calls fail (C26)", async () => {
    const { hub, registry, url } = await startHub();
    const node = registry.add("lab-7");
    const first = await startYardClient(url, { ...node, capabilities: WITHOUT_RESUME });
    const running = hub.exec("lab-7", { command: "x" }, BY);
    running.catch(() => undefined);
    await first.next("exec");
    const second = await startYardClient(url, { ...node, capabilities: WITHOUT_RESUME });
    expect(hub.live("lab-7")?.sessionId).toBe(second.ok["session_id"]);
    await expect(running).rejects.toMatchObject({ code: "connection_replaced" });
    expect(await first.closed).toBe(4007);
  });

  it("is not touched by what is left of the first (C28)", async () => {
    const { hub, registry, url, counted } = await startHub({ loginsPerMinute: 0 });
    const node = registry.add("lab-7");
    for (let round = 0; round < 20; round++) {
      const old = await startYardClient(url, { ...node, capabilities: WITHOUT_RESUME });
      const lost = hub.exec("lab-7", { command: "x" }, BY).catch((error: unknown) => error);
      const { id } = await old.next("exec");
      const arriving = startYardClient(url, { ...node, capabilities: WITHOUT_RESUME });
      // Heartbeat, result and close of the old one, in the middle of the replacement.
      old.send({ type: "ping", ts: stamp() });
      if (round % 2 === 0) old.send(chunk(id, 1, "old"));
      else old.finish(id);
      if (round % 3 === 0) old.end();
      const present = await arriving;
      await lost;
      const running = hub.exec("lab-7", { command: "y" }, BY);
      const next = await present.next("exec");
      old.finish(next["id"], { status: "error", exit_code: 9 });
      present.finish(next["id"]);
      expect(await running).toMatchObject({ status: "ok", exitCode: 0 });
      expect(hub.live("lab-7")).toMatchObject({ status: "connected", epoch: 2 * round + 2 });
    }
    expect(counted.filter((what) => what.startsWith("bad"))).toEqual([]);
  });

  it("does not take the place of a newer one that was faster", async () => {
    const { hub, registry, url } = await startHub();
    const node = registry.add("lab-7");
    let admitted = (): void => undefined;
    registry.before = (step) => {
      if (step !== "admit" || node.epoch !== 1) return undefined;
      return new Promise((resolve) => {
        admitted = resolve;
      });
    };
    const slow = await connect(url);
    const entering = login(slow, node).catch(() => undefined);
    await vi.waitFor(() => expect(node.epoch).toBe(1));
    const fast = await startYardClient(url, node);
    admitted();
    expect(await slow.closed).toBe(4007);
    expect(await entering).toBeUndefined();
    expect(hub.live("lab-7")?.sessionId).toBe(fast.ok["session_id"]);
  });

  it("leaves calls that were not sent to be sent over it", async () => {
    const { hub, registry, url } = await startHub();
    const node = registry.add("lab-7");
    const first = await startYardClient(url, { ...node, capabilities: BASE });
    const sent = hub.exec("lab-7", { command: "sent" }, BY).catch((error: unknown) => error);
    const queued = hub.exec("lab-7", { command: "queued" }, BY);
    await first.next("exec");
    const second = await startYardClient(url, { ...node, capabilities: BASE });
    expect(await sent).toMatchObject({ code: "connection_replaced" });
    const exec = await second.next("exec");
    expect(exec["command"]).toBe("queued");
    second.finish(exec["id"]);
    await queued;
  });
});

describe("a revocation", () => {
  it("ends what runs and what waits at once, and the next call too (C7)", async () => {
    const { hub, registry, url } = await startHub();
    const node = registry.add("lab-7");
    const yard = await startYardClient(url, { ...node, capabilities: BASE });
    const running = hub.exec("lab-7", { command: "x" }, BY).catch((error: unknown) => error);
    const queued = hub.exec("lab-7", { command: "y" }, BY).catch((error: unknown) => error);
    await yard.next("exec");
    registry.revoke(node);
    const revoked = { code: "node_revoked" };
    expect(await Promise.all([running, queued])).toMatchObject([revoked, revoked]);
    expect(await yard.next("bye")).toMatchObject({ reason: "revoked" });
    expect(await yard.closed).toBe(4006);
    await expect(hub.exec("lab-7", { command: "z" }, BY)).rejects.toMatchObject(revoked);
    const again = await connect(url);
    await expect(login(again, node)).rejects.toThrow();
    expect(again.received.at(-1)).toMatchObject({ type: "auth_err", reason: "revoked" });
  });

  it("ends calls that wait for their node to come back", async () => {
    const { hub, registry, url } = await startHub();
    const node = registry.add("lab-7");
    const yard = await startYardClient(url, node);
    const running = hub.exec("lab-7", { command: "x" }, BY);
    running.catch(() => undefined);
    await yard.next("exec");
    yard.end();
    await vi.waitFor(() => expect(hub.live("lab-7")?.status).toBe("reconnecting"));
    registry.revoke(node);
    await expect(running).rejects.toMatchObject({ code: "node_revoked" });
    expect(hub.live("lab-7")).toBeUndefined();
  });
});

describe("a goodbye", () => {
  it("of the node lets open calls end, takes no new ones, and closes 1000 (C46)", async () => {
    const { hub, registry, url } = await startHub();
    const yard = await startYardClient(url, registry.add("lab-7"));
    const running = hub.exec("lab-7", { command: "x" }, BY);
    const { id } = await yard.next("exec");
    yard.send({ type: "bye", reason: "restart", drain_ms: 20_000 });
    await vi.waitFor(() => expect(hub.live("lab-7")?.status).toBe("draining"));
    const refused = hub.exec("lab-7", { command: "y" }, BY);
    await expect(refused).rejects.toMatchObject({ code: "node_disconnected" });
    yard.finish(id);
    expect(await running).toMatchObject({ status: "ok" });
    expect(await yard.closed).toBe(1000);
    const told = registry.told.map(({ what, more }) => (what === "draining" ? more : what));
    await vi.waitFor(() => expect(registry.told.at(-1)?.what).toBe("left"));
    expect(told).toContain("restart");
  });

  it("of the node is what it was where the node closes first, and is not waited for", async () => {
    const { hub, registry, url } = await startHub();
    const yard = await startYardClient(url, registry.add("lab-7"));
    const running = hub.exec("lab-7", { command: "x" }, BY);
    await yard.next("exec");
    yard.send({ type: "bye", reason: "node_shutdown", drain_ms: 20_000 });
    await vi.waitFor(() => expect(hub.live("lab-7")?.status).toBe("draining"));
    yard.ws.close(1000);
    await expect(running).rejects.toMatchObject({ code: "node_disconnected" });
    await vi.waitFor(() => expect(registry.told.at(-1)?.what).toBe("left"));
  });

  it("of the node does not wait longer than it says, and is told as what it was", async () => {
    const { hub, registry, url } = await startHub();
    const yard = await startYardClient(url, registry.add("lab-7"));
    const running = hub.exec("lab-7", { command: "x" }, BY);
    await yard.next("exec");
    yard.send({ type: "bye", reason: "node_shutdown", drain_ms: 50 });
    await expect(running).rejects.toMatchObject({ code: "node_disconnected" });
    expect(await yard.closed).toBe(1000);
    await vi.waitFor(() =>
      expect(registry.told.at(-1)).toMatchObject({
        what: "left",
        more: "It was stopped on its machine",
      }),
    );
  });

  it("of the server lets open calls end, and tells our client when to come back", async () => {
    const { hub, registry, url } = await startHub();
    const yard = await startYardClient(url, registry.add("lab-7"));
    const running = hub.exec("lab-7", { command: "x" }, BY);
    const { id } = await yard.next("exec");
    const closing = hub.close(20_000);
    expect(await yard.next("bye")).toEqual({
      ...{ type: "bye", reason: "server_shutdown" },
      ...{ drain_ms: 20_000, retry_after_ms: 5_000 },
    });
    yard.finish(id);
    expect(await running).toMatchObject({ status: "ok" });
    await closing;
    expect(await yard.closed).toBe(1000);
    const late = connect(url);
    await expect(late).rejects.toThrow();
  });

  it("of the server is over when the ends of its links are recorded: what records them stops next", async () => {
    const { hub, registry, url } = await startHub();
    const yard = await startYardClient(url, registry.add("lab-7"));
    const recorded = createHold();
    const { left } = registry;
    const isLeft = new Promise<void>((resolve) => {
      registry.left = async (sessionId, reason) => {
        resolve();
        await recorded.promise;
        await left(sessionId, reason);
      };
    });
    let isClosed = false;
    const closing = hub.close(0).then(() => {
      isClosed = true;
    });
    await isLeft;
    await yard.closed;
    await expect(connect(url)).rejects.toThrow();
    expect(isClosed).toBe(false);
    recorded.release();
    await closing;
    expect(registry.told.at(-1)).toMatchObject({ what: "left" });
  });
});

describe("liveness", () => {
  it("is shown by anything that comes, half a message too", async () => {
    const { hub, registry, url } = await startHub({ staleMs: 150 });
    const node = registry.add("lab-7");
    const client = await connect(url);
    await login(client, node);
    const { sessionId } = node;
    const text = Buffer.from(JSON.stringify({ type: "pong", pad: "x".repeat(100) }));
    for (let at = 0; at < text.length; at += 10) {
      client.ws.send(text.subarray(at, at + 10), { fin: at + 10 >= text.length, binary: false });
      await new Promise((resolve) => client.ws.once("pong", resolve).ping());
    }
    expect(hub.live("lab-7")?.sessionId).toBe(sessionId);
    expect(await client.closed).toBe(4010);
  });

  it("is asked of our client also while a call runs", async () => {
    const { hub, registry, url } = await startHub({ pingMs: 20, pongMs: 5_000 });
    const yard = await startYardClient(url, registry.add("lab-7"));
    const running = hub.exec("lab-7", { command: "x" }, BY);
    const { id } = await yard.next("exec");
    for (let at = 0; at < 3; at++) await yard.next("ping");
    yard.finish(id);
    await running;
  });

  it("answers a ping at once, with its time", async () => {
    const { registry, url } = await startHub();
    const yard = await startYardClient(url, registry.add("lab-7"));
    yard.send({ type: "ping", ts: "2026-03-02T09:00:30.004Z" });
    const pong = await yard.next("pong");
    expect(pong).toMatchObject({ echo_ts: "2026-03-02T09:00:30.004Z", ts: expect.any(String) });
  });
});

describe("the rate of a node", () => {
  it("does not count chunks and results of open calls (C19)", async () => {
    const { hub, registry, url } = await startHub();
    const yard = await startYardClient(url, registry.add("lab-7"));
    const running = hub.exec("lab-7", { command: "x" }, BY);
    const { id } = await yard.next("exec");
    for (let seq = 1; seq <= 2_000; seq++) yard.send(chunk(id, seq, "x"));
    yard.finish(id, { seq: 2_001 });
    expect((await running).stdout).toHaveLength(2_000);
  });

  it.each([
    ["an answer to a cancel that nobody asked for", { type: "cancel_ack", state: "signaled" }],
    ["chunks that came already", { ...chunk("", 1, "x") }],
    ["answers to something else", { type: "read_result", status: "ok", content_b64: "" }],
  ])("counts %s, though their call is open", async (_what, frame) => {
    const { hub, registry, url } = await startHub({ messagesPerSecond: 10 });
    const yard = await startYardClient(url, registry.add("lab-7"));
    hub.exec("lab-7", { command: "x" }, BY).catch(() => undefined);
    const { id } = await yard.next("exec");
    for (let at = 0; at < 20; at++) yard.send({ ...frame, id } as typeof frame & { type: string });
    expect(await yard.closed).toBe(4004);
  });

  it("does not count the ends and the answers of calls that were canceled, whichever comes first", async () => {
    const { hub, registry, url } = await startHub({ messagesPerSecond: 10 });
    const yard = await startYardClient(url, registry.add("lab-7"));
    const leaving = new AbortController();
    const options = { ...BY, signal: leaving.signal };
    const calls = Array.from({ length: 30 }, () => hub.exec("lab-7", { command: "x" }, options));
    const ids = [];
    for (const _ of calls) ids.push((await yard.next("exec"))["id"]);
    leaving.abort();
    for (const _ of calls) await yard.next("cancel");
    for (const [at, id] of ids.entries()) {
      const ack = { type: "cancel_ack", id, state: "signaled" };
      if (at % 2 === 0) yard.send(ack);
      yard.finish(id, { status: "canceled", exit_code: -1 });
      if (at % 2 === 1) yard.send(ack);
    }
    await Promise.all(calls);
    const next = hub.exec("lab-7", { command: "y" }, BY);
    yard.finish((await yard.next("exec"))["id"]);
    expect(await next).toMatchObject({ status: "ok" });
  });

  it("does not count the end of a call that was given up before it came, and counts a second one", async () => {
    const { hub, registry, url } = await startHub({ messagesPerSecond: 10, resultSlackMs: -5_900 });
    const yard = await startYardClient(url, registry.add("lab-7"));
    const command = { command: "x", timeoutMs: 1_000 };
    const calls = Array.from({ length: 30 }, () => hub.exec("lab-7", command, BY));
    const ids = [];
    for (const _ of calls) ids.push((await yard.next("exec"))["id"]);
    await Promise.all(calls);
    for (const id of ids) {
      yard.send(chunk(id, 1, "late"));
      yard.send({ type: "cancel_ack", id, state: "signaled" });
      yard.finish(id, { seq: 2 });
    }
    const next = hub.exec("lab-7", { command: "y" }, BY);
    yard.finish((await yard.next("exec"))["id"]);
    expect(await next).toMatchObject({ status: "ok" });
    for (const id of ids) yard.finish(id, { seq: 3 });
    expect(await yard.closed).toBe(4004);
  });

  it("is the node's, not the link's, and says when to come back (C20)", async () => {
    const { registry, url } = await startHub({ messagesPerSecond: 5 });
    const node = registry.add("lab-7");
    const flood = async () => {
      const yard = await startYardClient(url, { ...node, answersPings: false });
      for (let at = 0; at < 10; at++) yard.send({ type: "ping", ts: stamp() });
      await yard.closed;
      return yard.received;
    };
    const first = await flood();
    const limit = first.at(-1);
    expect(limit).toMatchObject({ type: "rate_limit", limit_per_second: 5 });
    const waitMs = limit?.["retry_after_ms"] as number;
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(1_000);
    const soon = await flood();
    expect(soon.filter(({ type }) => type === "pong")).toHaveLength(0);
  });

  it("does not say to a base client what it would not know", async () => {
    const { registry, url } = await startHub({ messagesPerSecond: 2 });
    const client = await connect(url);
    await login(client, registry.add("lab-7"));
    for (let at = 0; at < 3; at++) client.send({ type: "ping", ts: stamp() });
    await client.closed;
    expect(Object.keys(client.received.at(-1) ?? {})).not.toContain("retry_after_ms");
  });

  it("counts frames that nobody knows, and passes them over", async () => {
    const { hub, registry, url, counted } = await startHub();
    const client = await connect(url);
    await login(client, registry.add("lab-7"));
    client.send({ type: "teleport", where: "home" });
    client.send({ type: "node_info", instance_id: "i" });
    client.send({ type: "ping", ts: stamp() });
    await client.next("pong");
    expect(counted.filter((what) => what === "bad unknown")).toHaveLength(2);
    expect(hub.live("lab-7")?.info.instanceId).toBeNull();
  });
});

describe("a node that sends anything", () => {
  const type = fc.constantFrom(
    ...["exec_chunk", "exec_result", "read_result", "write_result", "reset_result", "cancel_ack"],
    ...["error", "ping", "pong", "node_info", "bye", "resume", "rotate_ok", "exec_input_ack"],
    ...["task_ready", "task_result", "task_log", "task_need", "hello", "auth", "enc", "odd"],
    "rotate_err",
  );
  const field = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.integer(),
    fc.boolean(),
    fc.jsonValue({ maxDepth: 2 }),
  );

  it("ends its own link by the rules at most, and nobody else's (C27)", async () => {
    const { hub, registry, url } = await startHub({ drainMostMs: 20 });
    const bystander = await startYardClient(url, registry.add("bystander"));
    let nodes = 0;
    const frames = fc.array(
      fc.oneof(
        fc.dictionary(fc.constantFrom("seq", "data", "more", "status", "calls", "slots"), field),
        fc.constant({ seq: 1, data: "eA==", more: true, stream: "stdout", status: "ok" }),
      ),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(frames, fc.array(type), fc.boolean(), async (some, types, isOpen) => {
        const node = registry.add(`n-${nodes++}`);
        const yard = await startYardClient(url, node);
        const call = hub.exec(node.name, { command: "x" }, BY).catch(() => undefined);
        const { id } = await yard.next("exec");
        for (const [at, fields] of some.entries())
          yard.send({ id: isOpen ? id : `id-${at}`, ...fields, type: types[at] ?? "exec_chunk" });
        yard.send({ type: "ping", ts: stamp() });
        const end = await Promise.race([
          yard.closed,
          yard.next("pong").then(
            () => 0,
            () => 1,
          ),
        ]);
        if (end === 1) expect([1000, 4004, 4008]).toContain(await yard.closed);
        else expect([0, 1000, 4004, 4008]).toContain(end);
        await hub.revokeLive(node.nodeId);
        await call;
      }),
      { numRuns: 60 },
    );
    const running = hub.exec("bystander", { command: "x" }, BY);
    bystander.finish((await bystander.next("exec"))["id"]);
    expect(await running).toMatchObject({ status: "ok" });
  });
});

describe("a new token", () => {
  const TOKEN = { text: "n".repeat(43), oldValidMs: 600_000 };
  const sha256 = createHash("sha256").update(TOKEN.text).digest("hex");

  async function startSealed() {
    const started = await startHub();
    const node = started.registry.add("lab-7", { e2e: "required" });
    const yard = await connect(started.url);
    await login(yard, { ...node, capabilities: WITHOUT_RESUME });
    return { ...started, node, yard };
  }

  it("is delivered where the node says that it has it", async () => {
    const { hub, node, yard } = await startSealed();
    const rotating = hub.rotate(node.nodeId, TOKEN);
    const frame = await yard.next("rotate_token");
    expect(frame).toMatchObject({ new_token: TOKEN.text, old_valid_ms: 600_000 });
    yard.send({ type: "rotate_ok", id: frame["id"], sha256 });
    expect(await rotating).toEqual({ status: "delivered" });
  });

  it.each([
    [{ type: "rotate_err", reason: "read-only" }, "read-only"],
    [{ type: "rotate_ok", sha256: "0".repeat(64) }, "another token"],
  ])("is refused where the node says otherwise: %#", async (answer, reason) => {
    const { hub, node, yard } = await startSealed();
    const rotating = hub.rotate(node.nodeId, TOKEN);
    const { id } = await yard.next("rotate_token");
    yard.send({ ...answer, id });
    const refused = { status: "refused", reason: expect.stringContaining(reason) };
    expect(await rotating).toMatchObject(refused);
  });

  it("is not sent in clear, nor to a client that cannot take it", async () => {
    const { hub, registry, url } = await startHub();
    const node = registry.add("lab-7");
    const yard = await startYardClient(url, node);
    const clear = await hub.rotate(node.nodeId, TOKEN);
    expect(clear).toMatchObject({ status: "unsupported", reason: expect.stringContaining("TLS") });
    yard.end();
    await startYardClient(url, { ...node, capabilities: BASE });
    expect(await hub.rotate(node.nodeId, TOKEN)).toMatchObject({ status: "unsupported" });
  });
});

it("sends a plain link away when encryption is required of its node", async () => {
  const { registry, url } = await startHub();
  const node = registry.add("lab-7", { e2e: "preferred" });
  const client = await connect(url);
  await login(client, { ...node, offersE2e: false });
  registry.change(node, { e2e: "required" });
  expect(await client.closed).toBe(1000);
});

describe("a grant that was withheld at hello", () => {
  const ALL = { exec: true, read: true, write: true, jobs: true, paths: null };

  it("brings our client back at once with what it may be asked now, and its calls go on", async () => {
    const opened: number[] = [];
    const jobs: HubJobs = {
      onOpen: ({ epoch }) => opened.push(epoch),
      onFrame: () => false,
      onResume: () => [],
      onClosed: () => undefined,
    };
    const { hub, registry, url } = await startHub({}, { jobs });
    const node = registry.add("lab-7", { grants: { ...ALL, exec: false, jobs: false } });
    const yard = await startYardClient(url, node);
    const reading = hub.read("lab-7", { path: "/a" }, BY);
    const { id } = await yard.next("read");
    registry.change(node, { grants: ALL });
    expect(await yard.closed).toBe(1000);
    expect(yard.received.some(({ type }) => type === "bye")).toBe(false);
    const running = hub.exec("lab-7", { command: "x" }, BY);
    const calls = [{ id, state: "running", last_seq: 0 }];
    const resume = { resume_token: yard.ok["resume_token"], calls };
    const back = await startYardClient(url, { ...node, resume });
    back.finish((await back.next("exec"))["id"]);
    back.send({ type: "read_result", id, status: "ok", content_b64: "", size_bytes: 0 });
    expect(await running).toMatchObject({ status: "ok" });
    expect((await reading).content).toHaveLength(0);
    expect(opened).toEqual([2]);
  });

  it("waits for what a base client has under way, which could not go on", async () => {
    const { hub, registry, url } = await startHub();
    const node = registry.add("lab-7", { grants: { ...ALL, write: false } });
    const old = await startYardClient(url, { ...node, capabilities: BASE });
    const running = hub.exec("lab-7", { command: "x" }, BY);
    const { id } = await old.next("exec");
    registry.change(node, { grants: ALL });
    const writing = hub.write("lab-7", { path: "/a", content: Buffer.from("a") }, BY);
    old.finish(id);
    expect(await running).toMatchObject({ status: "ok" });
    expect(await old.closed).toBe(1000);
    const back = await startYardClient(url, { ...node, capabilities: BASE });
    const write = await back.next("write");
    back.send({ type: "write_result", id: write["id"], status: "ok", bytes_written: 1 });
    expect(await writing).toMatchObject({ bytesWritten: 1 });
  });

  it("leaves a link alone that can do all that is left of it", async () => {
    const { hub, registry, url } = await startHub();
    const node = registry.add("lab-7");
    const yard = await startYardClient(url, node);
    registry.change(node, { grants: { ...ALL, exec: false } });
    registry.change(node, { grants: ALL });
    const running = hub.exec("lab-7", { command: "x" }, BY);
    yard.finish((await yard.next("exec"))["id"]);
    await running;
  });
});

it("takes a base client back without chunks when these are turned off", async () => {
  const { registry, url } = await startHub();
  const node = registry.add("lab-7");
  const client = await connect(url);
  await login(client, node);
  registry.change(node, { base: { chunks: "off", env: "forward", stdin_guard: false } });
  expect(await client.closed).toBe(1000);
});

it("knows a node by its new name at once", async () => {
  const { hub, registry, url } = await startHub();
  const node = registry.add("lab-7");
  const yard = await startYardClient(url, node);
  registry.change(node, { name: "lab-9" });
  const running = hub.exec("lab-9", { command: "x" }, BY);
  yard.finish((await yard.next("exec"))["id"]);
  expect(await running).toMatchObject({ node: "lab-9" });
  expect(hub.live("lab-7")).toBeUndefined();
});

describe("a node that was renamed", () => {
  const features = ["renames"];

  it("is told at once, where it writes that down", async () => {
    const { registry, url } = await startHub();
    const node = registry.add("lab-7");
    const yard = await startYardClient(url, { ...node, features });
    await ping(yard);
    registry.change(node, { name: "lab-9" });
    expect(await yard.next("renamed")).toEqual({ type: "renamed", node_name: "lab-9" });
    registry.change(node, { name: "lab-7" });
    expect(await yard.next("renamed")).toMatchObject({ node_name: "lab-7" });
  });

  it("is told after a login under the name before, once, and not where it could not take it", async () => {
    const { hub, registry, url } = await startHub();
    const { token } = registry.add("lab-9", { formerNames: ["lab-7"] });
    for (const client of [{ features: [] }, { capabilities: BASE }]) {
      const old = await startYardClient(url, { name: "lab-7", token, ...client });
      await ping(old);
      expect(old.received.some(({ type }) => type === "renamed")).toBe(false);
    }
    const yard = await startYardClient(url, { name: "lab-7", token, features });
    expect(await yard.next("renamed")).toMatchObject({ node_name: "lab-9" });
    yard.send({ type: "node_info", instance_id: "i-1", slots: 1, features });
    await ping(yard);
    expect(yard.received.filter(({ type }) => type === "renamed")).toHaveLength(1);
    expect(hub.live("lab-9")).toMatchObject({ name: "lab-9" });
  });
});

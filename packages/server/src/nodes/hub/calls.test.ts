import { randomUUID } from "node:crypto";
import { FOLDERS } from "@yardmaster/protocol/node";
import { describe, expect, it, vi } from "vitest";
import { createHold, startHub } from "./hub.fixture.ts";
import type { ExecRequest } from "./hub.types.ts";
import { BASE } from "./wire-client.fixture.ts";
import { chunk, startYardClient } from "./yard-client.fixture.ts";
import { noteId, ping, startYardNode } from "./yard-node.fixture.ts";

const BY = { actor: "token:test" };

describe("an exec", () => {
  it("carries everything that was asked, and its outcome everything that was said", async () => {
    const { hub, yard } = await startYardNode();
    const request: ExecRequest = {
      ...{ command: "make", argv: ["make", "-s"], session: "build", shell: "fresh", cwd: "/srv" },
      ...{ env: { A: "1" }, timeoutMs: 5_000, maxOutputBytes: 100, killGraceMs: 10 },
    };
    const running = hub.exec("lab-7", request, BY);
    const exec = await yard.next("exec");
    expect(exec).toMatchObject({
      ...{ command: "make", argv: ["make", "-s"], session: "build", shell: "fresh", cwd: "/srv" },
      ...{ env: { A: "1" }, timeout_ms: 5_000, max_output_bytes: 100, kill_grace_ms: 10 },
    });
    const { id } = exec;
    yard.send(chunk(id, 1, "out"));
    yard.send(chunk(id, 2, "err", "stderr"));
    yard.finish(id, {
      ...{ seq: 3, status: "error", exit_code: 2, duration_ms: 41, cwd: "/srv/app" },
      ...{ stdout_truncated: false, stderr_truncated: true, shell_restarted: true },
    });
    expect(await running).toEqual({
      ...{ callId: id, nodeId: expect.any(String), node: "lab-7", status: "error", exitCode: 2 },
      ...{ signal: null, stdout: Buffer.from("out"), stderr: Buffer.from("err") },
      ...{ stdoutTruncated: false, stderrTruncated: true, durationMs: 41, cwd: "/srv/app" },
      ...{ error: null, flags: ["shell_restarted"] },
    });
    expect(hub.sessions("lab-7")).toEqual([]);
  });

  it("is one of many at once", async () => {
    const { hub, yard } = await startYardNode();
    const running = Array.from({ length: 50 }, (_, at) =>
      hub.exec("lab-7", { command: `n ${at}`, session: `s${at % 5}` }, BY),
    );
    const sent = [];
    for (let at = 0; at < 50; at++) sent.push(await yard.next("exec"));
    expect(hub.live("lab-7")?.openCalls).toBe(50);
    const { running: now, queued } = hub.sessions("lab-7")[0] ?? {};
    expect([now, queued]).toEqual([1, 9]);
    for (const { id, command } of sent.reverse()) {
      yard.send(chunk(id, 1, command as string));
      yard.finish(id, { seq: 2 });
    }
    const outcomes = await Promise.all(running);
    expect(outcomes.map(({ stdout }) => stdout.toString())).toEqual(
      Array.from({ length: 50 }, (_, at) => `n ${at}`),
    );
  });

  it("leaves one pair of rows for each way in which it ends, joined by the id on the wire (C5)", async () => {
    const { hub, registry, yard, audit } = await startYardNode({ resultSlackMs: -5_900 });
    const ends: { [status: string]: (id: unknown) => void } = {
      ok: (id) => yard.finish(id),
      error: (id) => yard.finish(id, { status: "error", exit_code: 3 }),
      canceled: (id) => yard.finish(id, { status: "canceled", exit_code: -1 }),
      unsupported: (id) => yard.send({ type: "error", id, code: 4014, reason: "unsupported" }),
      timeout: () => undefined,
      node_revoked: () => registry.revoke(registry.nodes[0] as never),
    };
    for (const [status, end] of Object.entries(ends)) {
      const running = hub.exec("lab-7", { command: "x", timeoutMs: 1_000 }, BY).catch(() => null);
      const { id } = await yard.next("exec");
      const rows = () => audit.filter(({ requestId }) => requestId === id);
      expect(rows()).toMatchObject([{ phase: "begin", action: "node.exec", actor: "token:test" }]);
      end(id);
      await running;
      expect(rows()).toMatchObject([{ phase: "begin" }, { phase: "end", status }]);
    }
  });

  it("has the id that its caller has chosen, on the wire, in both rows and in its outcome", async () => {
    const { hub, yard, audit } = await startYardNode();
    const callId = randomUUID();
    const running = hub.exec("lab-7", { command: "x" }, { ...BY, callId });
    const { id } = await yard.next("exec");
    yard.finish(id);
    expect(await running).toMatchObject({ callId });
    expect(id).toBe(callId);
    expect(audit.filter(({ requestId }) => requestId === callId)).toHaveLength(2);
  });

  it("is not sent before its row is durable, nor where that cannot be", async () => {
    const hold = createHold();
    let isBroken = false;
    const record = async (): Promise<void> => {
      if (isBroken) throw new Error("the database is away");
      await hold.promise;
    };
    const { hub, registry, url } = await startHub({}, { audit: { record } });
    const yard = await startYardClient(url, registry.add("lab-7"));
    const running = hub.exec("lab-7", { command: "x" }, BY);
    await vi.waitFor(() => expect(hub.live("lab-7")?.info.slots).toBe(8));
    expect(yard.received.some(({ type }) => type === "exec")).toBe(false);
    hold.release();
    yard.finish((await yard.next("exec"))["id"]);
    await running;
    isBroken = true;
    await expect(hub.exec("lab-7", { command: "y" }, BY)).rejects.toThrow("away");
    expect(yard.received.filter(({ type }) => type === "exec")).toHaveLength(1);
  });

  it("fails at once where the node is lost between its look-up and its frame (C29)", async () => {
    const hold = createHold();
    let isHeld = false;
    const record = async (): Promise<void> => {
      if (isHeld) await hold.promise;
    };
    const { hub, registry, url } = await startHub({}, { audit: { record } });
    const yard = await startYardClient(url, { ...registry.add("lab-7"), capabilities: BASE });
    isHeld = true;
    const running = hub.exec("lab-7", { command: "x" }, BY);
    yard.end();
    await vi.waitFor(() => expect(hub.live("lab-7")).toBeUndefined());
    hold.release();
    await expect(running).rejects.toMatchObject({ code: "node_offline" });
  });

  it("fails at once for a node that is not there, and waits for one where it may", async () => {
    const { hub, registry, url, audit } = await startHub();
    const node = registry.add("lab-7");
    await expect(hub.exec("lab-7", { command: "x" }, BY)).rejects.toMatchObject({
      code: "node_offline",
    });
    await expect(hub.exec("lab-8", { command: "x" }, BY)).rejects.toMatchObject({
      code: "not_found",
    });
    expect(audit.map(({ phase, status }) => status ?? phase)).toEqual(["begin", "node_offline"]);
    const brief = hub.exec("lab-7", { command: "x" }, { ...BY, waitMs: 20 });
    await expect(brief).rejects.toMatchObject({ code: "node_offline" });
    const patient = hub.exec("lab-7", { command: "x" }, { ...BY, waitMs: 20_000 });
    const yard = await startYardClient(url, node);
    yard.finish((await yard.next("exec"))["id"]);
    expect(await patient).toMatchObject({ status: "ok" });
  });

  it("is given up when the node says nothing of its timeout, and what comes later is late (C30)", async () => {
    const { hub, yard, audit, counted } = await startYardNode({ resultSlackMs: -5_900 });
    const running = hub.exec("lab-7", { command: "x", timeoutMs: 1_000 }, BY);
    const { id } = await yard.next("exec");
    yard.send(chunk(id, 1, "part"));
    const outcome = await running;
    expect(outcome).toMatchObject({ status: "timeout", exitCode: -1, flags: ["still_running"] });
    expect(outcome.stdout.toString()).toBe("part");
    expect(await yard.next("cancel")).toMatchObject({ id, reason: "timeout" });
    yard.finish(id, { seq: 2 });
    await vi.waitFor(() => expect(counted).toContain("late"));
    expect(audit.at(-1)).toMatchObject({ status: "late", requestId: id, actor: "node:lab-7" });
  });

  it("is waited for until KILL has ended what heeds no TERM", async () => {
    const { hub, yard } = await startYardNode({ resultSlackMs: -5_900 });
    const asked = { command: "x", timeoutMs: 1_000 };
    const stubborn = hub.exec("lab-7", { ...asked, killGraceMs: 60_000 }, BY);
    const silent = hub.exec("lab-7", { ...asked, session: "b" }, BY);
    const { id } = await yard.next("exec");
    expect(await silent).toMatchObject({ status: "timeout", flags: ["still_running"] });
    yard.finish(id, { status: "timeout", exit_code: -1, signal: "SIGKILL" });
    expect(await stubborn).toMatchObject({ status: "timeout", signal: "SIGKILL", flags: [] });
  });

  it("has its time from when the ones before it in its shell have ended", async () => {
    const { hub, yard } = await startYardNode({ resultSlackMs: -5_900 });
    const first = hub.exec("lab-7", { command: "1", timeoutMs: 60_000 }, BY);
    const second = hub.exec("lab-7", { command: "2", timeoutMs: 1_000 }, BY);
    const aside = hub.exec("lab-7", { command: "3", timeoutMs: 1_000, session: "b" }, BY);
    const ids = [];
    for (let at = 0; at < 3; at++) ids.push((await yard.next("exec"))["id"]);
    expect(await aside).toMatchObject({ status: "timeout" });
    await ping(yard);
    const canceled = yard.received.filter(({ type }) => type === "cancel");
    expect(canceled.map(({ id }) => id)).toEqual([ids[2]]);
    yard.finish(ids[0]);
    expect(await first).toMatchObject({ status: "ok" });
    expect(await second).toMatchObject({ status: "timeout" });
  });

  it("fails by an answer that cannot be read, rather than to wait for another", async () => {
    const { hub, yard } = await startYardNode();
    const running = hub.exec("lab-7", { command: "x" }, BY);
    const { id } = await yard.next("exec");
    yard.send({ type: "exec_result", id, status: 7 });
    await expect(running).rejects.toMatchObject({ code: "exec_failed" });
    expect(await yard.next("error")).toMatchObject({ id, reason: "bad_request" });
  });

  it.each([
    [{ command: "" }, "command"],
    [{ command: "a\u0000b" }, "command"],
    [{ command: "x".repeat(256 * 1024 + 1) }, "command"],
    [{ command: "x", cwd: "srv" }, "cwd"],
    [{ command: "x", env: { A: "\u0000" } }, "env"],
    [{ command: "x", pty: { cols: 1, rows: 1, term: "t" } }, "pty"],
    [{ command: "x", timeoutMs: 1.5 }, "timeout_ms"],
  ])("is refused for what no node could run: %#", async (request, where) => {
    const { hub, yard } = await startYardNode();
    const refused = hub.exec("lab-7", request as ExecRequest, BY);
    await expect(refused).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining(where),
    });
    expect(yard.received.some(({ type }) => type === "exec")).toBe(false);
  });

  it("is refused what is not granted, also when that was taken away meanwhile", async () => {
    const { hub, registry, node } = await startYardNode();
    const grants = { exec: false, read: false, write: false, jobs: false, paths: null };
    registry.change(node, { grants });
    const refused = { code: "not_granted" };
    await expect(hub.exec("lab-7", { command: "x" }, BY)).rejects.toMatchObject(refused);
    await expect(hub.read("lab-7", { path: "/x" }, BY)).rejects.toMatchObject(refused);
    const write = hub.write("lab-7", { path: "/x", content: Buffer.from("x") }, BY);
    await expect(write).rejects.toMatchObject(refused);
    await expect(hub.reset("lab-7", "main", BY)).rejects.toMatchObject(refused);
  });

  it("is refused in the owner's name where our client does not offer it", async () => {
    const { hub } = await startYardNode({}, { capabilities: ["read", "lifecycle", "resume"] });
    await expect(hub.exec("lab-7", { command: "x" }, BY)).rejects.toMatchObject({
      code: "command_not_allowed",
      message: expect.stringContaining("The owner of node lab-7 does not allow exec"),
    });
    const write = hub.write("lab-7", { path: "/x", content: Buffer.from("x") }, BY);
    await expect(write).rejects.toMatchObject({ code: "path_not_allowed" });
  });

  it("goes to our client beside others also where commands are denied to it", async () => {
    const grants = { exec: false, read: true, write: true, jobs: true, paths: null };
    const { hub, yard } = await startYardNode({}, {}, { grants });
    const reads = ["/a", "/b"].map((path) => hub.read("lab-7", { path }, BY));
    const frames = [await yard.next("read"), await yard.next("read")];
    for (const { id } of frames)
      yard.send({ type: "read_result", id, status: "ok", content_b64: "", size_bytes: 0 });
    await Promise.all(reads);
    const refused = { code: "not_granted" };
    await expect(hub.reset("lab-7", "main", BY)).rejects.toMatchObject(refused);
    expect(hub.live("lab-7")?.status).toBe("connected");
  });

  it("is limited by caller and node, and not by what others ask (C19)", async () => {
    const { hub, yard } = await startYardNode({ callsPerSecond: 3, openCalls: 5 });
    const calls = Array.from({ length: 4 }, () => hub.exec("lab-7", { command: "x" }, BY));
    await expect(calls.at(-1)).rejects.toMatchObject({ code: "rate_limited" });
    const other = { actor: "token:other" };
    const others = Array.from({ length: 3 }, () => hub.exec("lab-7", { command: "y" }, other));
    await expect(others.at(-1)).rejects.toMatchObject({ code: "node_busy" });
    for (let at = 0; at < 5; at++) yard.finish((await yard.next("exec"))["id"]);
    await Promise.all([...calls.slice(0, 3), ...others.slice(0, 2)]);
  });

  it("is not said to have started where the node has too much to do", async () => {
    const { hub, yard } = await startYardNode({ openCalls: 1 });
    const first = hub.exec("lab-7", { command: "x" }, BY);
    const { id } = await yard.next("exec");
    const started: string[] = [];
    const onStarted = (callId: string) => void started.push(callId);
    const second = hub.exec("lab-7", { command: "y" }, { ...BY, onStarted });
    await expect(second).rejects.toMatchObject({ code: "node_busy" });
    expect(started).toEqual([]);
    yard.finish(id);
    await first;
  });
});

describe("a cancel", () => {
  it("is asked of the node, and its call ends by what the node says", async () => {
    const { hub, yard, audit } = await startYardNode();
    const { noted, onStarted } = noteId();
    const running = hub.exec("lab-7", { command: "x" }, { ...BY, onStarted });
    const { id } = await yard.next("exec");
    const canceling = hub.cancel("lab-7", noted.id, { actor: "token:b", graceMs: 30 });
    expect(await yard.next("cancel")).toMatchObject({ id, grace_ms: 30 });
    yard.send({ type: "cancel_ack", id, state: "signaled" });
    expect(await canceling).toBe("signaled");
    yard.send(chunk(id, 1, "step 1\n"));
    yard.finish(id, { seq: 2, status: "canceled", exit_code: -1, signal: "SIGTERM" });
    expect(await running).toMatchObject({
      ...{ status: "canceled", signal: "SIGTERM", error: { code: "exec_canceled" } },
      stdout: Buffer.from("step 1\n"),
    });
    const row = { action: "node.cancel", actor: "token:b", requestId: id };
    expect(audit).toContainEqual(expect.objectContaining(row));
  });

  it("ends the call at last, where the node does not", async () => {
    const { hub, yard } = await startYardNode({ cancelSlackMs: 30 });
    const { noted, onStarted } = noteId();
    const running = hub.exec("lab-7", { command: "x" }, { ...BY, onStarted });
    await yard.next("exec");
    expect(await hub.cancel("lab-7", noted.id, { ...BY, graceMs: 10 })).toBe("signaled");
    expect(await running).toMatchObject({ status: "canceled", flags: ["still_running"] });
  });

  it("ends the call at once, where the node does not know it", async () => {
    const { hub, yard } = await startYardNode();
    const { noted, onStarted } = noteId();
    const running = hub.exec("lab-7", { command: "x" }, { ...BY, onStarted });
    const { id } = await yard.next("exec");
    const canceling = hub.cancel("lab-7", noted.id, BY);
    yard.send({ type: "cancel_ack", id, state: "unknown" });
    expect(await canceling).toBe("unknown");
    expect(await running).toMatchObject({ status: "canceled" });
  });

  it("follows a caller that goes away", async () => {
    const { hub, yard } = await startYardNode();
    const caller = new AbortController();
    const running = hub.exec("lab-7", { command: "x" }, { ...BY, signal: caller.signal });
    const { id } = await yard.next("exec");
    caller.abort();
    expect(await yard.next("cancel")).toMatchObject({ id, reason: "caller_gone" });
    yard.finish(id, { status: "canceled", exit_code: -1 });
    expect(await running).toMatchObject({ status: "canceled" });
    const late = hub.exec("lab-7", { command: "x" }, { ...BY, signal: caller.signal });
    await expect(late).rejects.toMatchObject({ code: "canceled" });
  });
});

it("says who asks, for the audit of the node", async () => {
  const { hub, yard } = await startYardNode();
  const running = hub.exec("lab-7", { command: "sleep 9" }, BY);
  const { id, actor } = await yard.next("exec");
  void hub.cancel("lab-7", id as string, { actor: "token:other" });
  const cancel = await yard.next("cancel");
  yard.finish(id);
  await running;
  const read = hub.read("lab-7", { path: "/a" }, BY);
  const write = hub.write("lab-7", { path: "/a", content: Buffer.from("x") }, BY);
  const reset = hub.reset("lab-7", "main", BY);
  const frames = [await yard.next("read"), await yard.next("write"), await yard.next("reset")];
  for (const { type, id } of frames) yard.send({ type: `${type}_result`, id, status: "ok" });
  await Promise.all([read, write, reset]);
  expect([actor, cancel["actor"], ...frames.map((frame) => frame["actor"])]).toEqual([
    "token:test",
    "token:other",
    ...frames.map(() => "token:test"),
  ]);
});

describe("a file", () => {
  it("is read in ranges and written with all that our client can", async () => {
    const { hub, yard } = await startYardNode();
    const sha256 = "a".repeat(64);
    const reading = hub.read("lab-7", { path: "/a", offset: 4, length: 2 }, BY);
    const read = await yard.next("read");
    expect(read).toMatchObject({ path: "/a", offset: 4, length: 2 });
    const result = { status: "ok", content_b64: "eHk=", size_bytes: 9, eof: false, sha256 };
    yard.send({ type: "read_result", id: read["id"], ...result, mode: "0644" });
    expect(await reading).toMatchObject({
      ...{ content: Buffer.from("xy"), sizeBytes: 9, eof: false, sha256, mode: "0644" },
    });
    const writing = hub.write(
      "lab-7",
      {
        ...{ path: "/b", content: Buffer.alloc(0), mode: "create", offset: 0, mkdirs: true },
        ...{ fileMode: "0600", expectSha256: sha256, atomic: false },
      },
      BY,
    );
    const write = await yard.next("write");
    expect(write).toMatchObject({
      ...{ path: "/b", content_b64: "", mode: "create", offset: 0, mkdirs: true },
      ...{ file_mode: "0600", expect_sha256: sha256, atomic: false },
    });
    const refused = { status: "error", error: "hash_mismatch", error_detail: "it is other" };
    yard.send({ type: "write_result", id: write["id"], ...refused });
    await expect(writing).rejects.toMatchObject({ code: "hash_mismatch" });
  });

  it("is told from a folder, also where the client knows no reason of its own for that", async () => {
    const { hub, yard } = await startYardNode();
    const refused = { status: "error", error: "is_folder", error_detail: "/a is a folder" };
    for (const said of [
      refused,
      { ...refused, error: "io_error" },
      { ...refused, error: "io_error", error_detail: "/a: it is a folder (EISDIR)" },
    ]) {
      const reading = hub.read("lab-7", { path: "/a" }, BY);
      yard.send({ type: "read_result", id: (await yard.next("read"))["id"], ...said });
      await expect(reading).rejects.toMatchObject({ code: "is_folder" });
    }
  });

  it("is a folder where that is asked for, of a client that would not write an empty file instead", async () => {
    const folder = { path: "/a", content: Buffer.alloc(0), folder: true, fileMode: "0750" };
    const old = await startYardNode();
    await expect(old.hub.write("lab-7", folder, BY)).rejects.toMatchObject({ code: "unsupported" });
    const { hub, yard } = await startYardNode({}, { features: [FOLDERS] });
    await ping(yard);
    const writing = hub.write("lab-7", folder, BY);
    const write = await yard.next("write");
    expect(write).toMatchObject({ path: "/a", folder: true, file_mode: "0750" });
    yard.send({ type: "write_result", id: write["id"], status: "ok", bytes_written: 0 });
    expect(await writing).toMatchObject({ bytesWritten: 0, sha256: null });
  });

  it("is not waited for longer than it may take", async () => {
    const { hub, yard } = await startYardNode({ fileMs: 50 });
    const reading = hub.read("lab-7", { path: "/a" }, BY);
    await yard.next("read");
    await expect(reading).rejects.toMatchObject({ code: "node_timeout" });
  });

  it.each([
    ["a relative path", { path: "a" }],
    ["too long a range", { path: "/a", length: 2 ** 20 + 1 }],
    ["a NUL", { path: "/a\u0000" }],
  ])("is not asked for by %s", async (_what, request) => {
    const { hub } = await startYardNode();
    await expect(hub.read("lab-7", request, BY)).rejects.toMatchObject({ code: "invalid_request" });
  });
});

it("a reset gives a fresh shell, and says which", async () => {
  const { hub, yard } = await startYardNode();
  const running = hub.exec("lab-7", { command: "x" }, BY);
  const { id } = await yard.next("exec");
  const resetting = hub.reset("lab-7", "main", { ...BY, reason: "stuck" });
  const reset = await yard.next("reset");
  expect(reset).toMatchObject({ session: "main", reason: "stuck" });
  yard.finish(id, { status: "canceled", exit_code: -1, error: "session_reset" });
  const result = { status: "ok", session: "main", shell_id: "s-12", cwd: "/srv", killed: 2 };
  yard.send({ type: "reset_result", id: reset["id"], ...result });
  expect(await resetting).toMatchObject({ shellId: "s-12", cwd: "/srv", killed: 2 });
  expect(await running).toMatchObject({ status: "canceled", error: { code: "session_reset" } });
  expect(hub.sessions("lab-7")).toMatchObject([{ session: "main", shellId: "s-12", cwd: "/srv" }]);
});

import { tmpdir } from "node:os";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startBaseShell } from "./base/base-shell.fixture.ts";
import {
  BASE_TYPES,
  type BaseAnswer,
  type BaseClientOptions,
  startBaseClient,
} from "./base-client.fixture.ts";
import type { FakeNode } from "./fake-registry.fixture.ts";
import { createHold, startHub } from "./hub.fixture.ts";
import type { HubOptions } from "./hub-options.ts";

const BY = { actor: "token:test" };

async function startNode(
  client: Partial<BaseClientOptions> = {},
  {
    options = {},
    node: more = {},
  }: { options?: Partial<HubOptions>; node?: Partial<FakeNode> } = {},
) {
  const started = await startHub(options);
  const node = started.registry.add("lab-7", more);
  const base = await startBaseClient(started.url, { ...node, ...client });
  return { ...started, node, base };
}

/** A base client with a real shell. */
async function startShellNode(
  more: Partial<FakeNode> = {},
  client: Partial<BaseClientOptions> = {},
) {
  const shell = startBaseShell(tmpdir());
  onTestFinished(() => shell.close());
  return await startNode({ run: shell.run, ...client }, { node: more });
}

const OFF = { chunks: "off", env: "forward", stdin_guard: false } as const;

function answer(exitCode: number, stdout = "", stderr = ""): BaseAnswer {
  return { status: exitCode === 0 ? "ok" : "error", exitCode, stdout, stderr };
}

describe("a base session", () => {
  it("takes what chunks leave out for zero and for nothing (C4)", async () => {
    const files = new Map([["/srv/EMPTY", Buffer.alloc(0)]]);
    const { hub } = await startNode({ run: () => answer(0, "a\n"), files });
    const outcome = await hub.exec("lab-7", { command: "echo a" }, BY);
    expect(outcome).toMatchObject({ status: "ok", exitCode: 0, error: null, durationMs: 3 });
    expect(outcome.stdout.toString()).toBe("a\n");
    const read = await hub.read("lab-7", { path: "/srv/EMPTY" }, BY);
    expect(read).toMatchObject({ content: Buffer.alloc(0), sizeBytes: 0, eof: true });
  });

  it.each([true, false])("tells the exit code as it is (C2), chunked: %s", async (chunked) => {
    const capabilities = chunked ? undefined : ["exec", "read", "write"];
    const { hub, audit } = await startNode({ capabilities, run: () => answer(7) });
    const outcome = await hub.exec("lab-7", { command: "exit 7" }, BY);
    expect(outcome).toMatchObject({ status: "error", exitCode: 7, error: null });
    await vi.waitFor(() => expect(audit.at(-1)).toMatchObject({ phase: "end", exitCode: 7 }));
  });

  it("has one call in flight, and no timeout over the clamp (C10)", async () => {
    const { hub, base } = await startNode({ run: async () => answer(0) });
    const outcomes = await Promise.all([
      ...Array.from({ length: 20 }, (_, at) =>
        hub.exec("lab-7", { command: `n ${at}`, timeoutMs: 600_000 }, BY),
      ),
      hub.read("lab-7", { path: "/nowhere" }, BY).catch((error: unknown) => error),
    ]);
    expect(base.overlaps).toBe(0);
    expect(base.calls).toHaveLength(21);
    const timeouts = base.calls.flatMap((call) => call["timeout_ms"] ?? []);
    expect(new Set(timeouts)).toEqual(new Set([85_000]));
    expect(outcomes[0]).toMatchObject({ flags: ["timeout_clamped", "stderr_missing"] });
    expect(outcomes.at(-1)).toMatchObject({ code: "file_not_found" });
  });

  it("refuses more than may wait for it", async () => {
    const hold = createHold();
    const run = async () => {
      await hold.promise;
      return answer(0);
    };
    const { hub } = await startNode({ run }, { options: { queuedCalls: 3 } });
    const calls = [1, 2, 3].map(() => hub.exec("lab-7", { command: "x" }, BY));
    await vi.waitFor(() => expect(hub.live("lab-7")?.queuedCalls).toBe(2));
    await expect(hub.exec("lab-7", { command: "x" }, BY)).rejects.toMatchObject({
      code: "node_busy",
    });
    hold.release();
    await Promise.all(calls);
  });

  it("gets nothing but frames of the base protocol, whatever is asked of it (C49)", async () => {
    const files = new Map<string, Buffer>();
    const { hub, base, registry, node } = await startNode({ files, comesBack: true });
    const main = { session: "main" };
    const asked = [
      () => hub.exec("lab-7", { command: "ls", cwd: "/srv", env: { A: "1" }, ...main }, BY),
      () => hub.exec("lab-7", { command: "ls", session: "other" }, BY),
      () => hub.exec("lab-7", { command: "ls", argv: ["ls"] }, BY),
      () => hub.exec("lab-7", { command: "ls", shell: "fresh" }, BY),
      () => hub.exec("lab-7", { command: "cat", stdin: "pty" }, BY),
      () => hub.exec("lab-7", { command: "cat", stdinBytes: Buffer.from("x") }, BY),
      () => hub.read("lab-7", { path: "/a", offset: 1, length: 2 }, BY),
      () => hub.write("lab-7", { path: "/a", content: Buffer.from("x"), atomic: true }, BY),
      () => hub.write("lab-7", { path: "/a", content: Buffer.from("x") }, BY),
      () => hub.write("lab-7", { path: "/a", content: Buffer.alloc(0) }, BY),
      () => hub.rotate(node.nodeId, { text: "t", oldValidMs: 1 }),
      () => hub.reset("lab-7", "main", BY),
      () => hub.exec("lab-7", { command: "ls" }, BY),
    ];
    const said: unknown[] = [];
    for (const ask of asked) {
      const outcome = await ask().catch((error: unknown) => error as { code: string });
      said.push("code" in outcome ? outcome.code : "status" in outcome ? outcome.status : "done");
    }
    expect(said).toEqual([
      "ok",
      ...Array.from({ length: 7 }, () => "unsupported"),
      "done",
      "unsupported",
      "unsupported",
      "done",
      "ok",
    ]);
    base.wire.raw("{");
    await base.wire.next("error");
    base.ping();
    await base.wire.next("pong");
    registry.revoke(node);
    await base.wire.next("bye");
    const types = new Set([...base.types, ...base.wire.received.map(({ type }) => type)]);
    expect([...types].filter((type) => !BASE_TYPES.includes(type))).toEqual([]);
    const fields = new Set(base.calls.flatMap((call) => Object.keys(call)));
    expect([...fields].sort()).toEqual(
      ["type", "id", "command", "cwd", "env", "timeout_ms", "path", "content_b64"].sort(),
    );
  });

  it("says a denied file in its own words, never as an empty one (C3)", async () => {
    const { hub } = await startNode({ files: new Map([["/srv/a", Buffer.from("a")]]) });
    const denied = { code: "path_not_allowed" };
    await expect(hub.read("lab-7", { path: "/etc/shadow" }, BY)).rejects.toMatchObject(denied);
    const write = { path: "/etc/cron.d/x", content: Buffer.from("x") };
    await expect(hub.write("lab-7", write, BY)).rejects.toMatchObject(denied);
    const again = { path: "/srv/a", content: Buffer.from("b"), mode: "create" as const };
    await expect(hub.write("lab-7", again, BY)).rejects.toMatchObject({ code: "file_exists" });
  });

  it("drops chunks of an exec that is over, and none of them comes into the next one (C31)", async () => {
    const { hub, base, counted, audit } = await startNode({ run: () => answer(0, "one\n") });
    const first = await hub.exec("lab-7", { command: "one" }, BY);
    const id = first.callId;
    base.wire.send({ type: "exec_chunk", id, seq: 1, data: "bGF0ZQo=", more: true });
    base.wire.send({ type: "exec_chunk", id, seq: 1, data: "bGF0ZQo=", more: true });
    const second = await hub.exec("lab-7", { command: "two" }, BY);
    expect(second.stdout.toString()).toBe("one\n");
    expect(counted.filter((what) => what === "late")).toHaveLength(2);
    expect(audit.filter(({ status }) => status === "late")).toMatchObject([{ requestId: id }]);
  });
});

describe("large answers of a base session", () => {
  it("are taken as they are under encryption (C33)", async () => {
    const content = Buffer.alloc(10 * 2 ** 20, 1);
    const files = new Map([["/srv/large", content]]);
    const { hub } = await startNode({ files }, { node: { e2e: "required" } });
    const read = await hub.read("lab-7", { path: "/srv/large" }, BY);
    expect(read.content.equals(content)).toBe(true);
    await hub.write("lab-7", { path: "/srv/copy", content: content.subarray(0, 8 * 2 ** 20) }, BY);
    expect(files.get("/srv/copy")).toHaveLength(8 * 2 ** 20);
    const over = hub.write("lab-7", { path: "/srv/copy", content }, BY);
    await expect(over).rejects.toMatchObject({ code: "file_too_large" });
  });

  it("fail the call where they are over the limit of a message", async () => {
    const run = () => answer(0, "<".repeat(2 ** 20));
    const more = { options: { inboundBytes: 2 ** 20 }, node: { base: OFF } };
    const { hub, base } = await startNode({ run }, more);
    const running = hub.exec("lab-7", { command: "x" }, BY);
    await expect(running).rejects.toMatchObject({ code: "frame_too_large" });
    expect(await base.wire.closed).toBe(1009);
  });
});

describe("the output of a base session", () => {
  it.each([
    ["on", undefined, { stdout: "out\n", stderr: "", flags: ["stderr_missing"] }],
    [
      "merge",
      "{ echo out; echo err >&2\n} 2>&1",
      { stdout: "out\nerr\n", stderr: "", flags: ["stderr_merged"] },
    ],
    ["off", undefined, { stdout: "out\n", stderr: "err\n", flags: [] }],
  ] as const)("with chunks %s", async (chunks, sent, expected) => {
    const { hub, base } = await startShellNode({ base: { ...OFF, chunks } });
    const command = "echo out; echo err >&2";
    const { stdout, stderr, flags } = await hub.exec("lab-7", { command }, BY);
    expect({ stdout: stdout.toString(), stderr: stderr.toString(), flags }).toEqual(expected);
    expect(base.calls[0]?.["command"]).toBe(sent ?? command);
  });

  it("has no marker at its end, streamed or not", async () => {
    const { hub } = await startShellNode();
    const kept = await hub.exec("lab-7", { command: "printf foo" }, BY);
    expect(kept.stdout.toString()).toBe("foo");
    const pieces: Buffer[] = [];
    const onOutput = ({ bytes }: { bytes: Buffer }): undefined => void pieces.push(bytes);
    await hub.exec("lab-7", { command: "seq 3; printf foo" }, { ...BY, onOutput });
    expect(Buffer.concat(pieces).toString()).toBe("1\n2\n3\nfoo");
  });

  it("is told to be cut where the client drops the rest silently (C17)", async () => {
    const stdout = "x".repeat(10 * 2 ** 20);
    const { hub } = await startNode({ run: () => answer(0, stdout) }, { node: { base: OFF } });
    const outcome = await hub.exec("lab-7", { command: "x", maxOutputBytes: 2 ** 24 }, BY);
    expect(outcome.stdoutTruncated).toBe(true);
  });

  it("is an error where the command ran in another directory (C24)", async () => {
    const stderr = "[hermes-node: cwd was outside allowed_paths; using /srv]\n";
    const run = () => answer(0, "x\n", stderr);
    const { hub } = await startNode({ run }, { node: { base: OFF } });
    const request = { command: "x", cwd: "/etc", env: { A: "1" } };
    expect(await hub.exec("lab-7", request, BY)).toMatchObject({
      status: "error",
      exitCode: 0,
      error: { code: "cwd_rejected" },
      flags: ["env_unverified", "cwd_relocated"],
    });
  });

  it("is left alone by a command that reads, with the guard (C14)", async () => {
    const { hub } = await startShellNode({ base: { ...OFF, stdin_guard: true } });
    expect((await hub.exec("lab-7", { command: "cat" }, BY)).stdout.toString()).toBe("");
    expect((await hub.exec("lab-7", { command: "echo b" }, BY)).stdout.toString()).toBe("b\n");
  });
});

describe("the shell of a base session", () => {
  it("is replaced after a timeout, before the next command (A12.4)", async () => {
    const timeout: BaseAnswer = { status: "timeout", exitCode: -1, stdout: "" };
    const run = (command: string) => (command === "hang" ? timeout : answer(0));
    const { hub, base, node } = await startNode({ run, comesBack: true });
    const hung = await hub.exec("lab-7", { command: "hang" }, BY);
    const message = expect.stringContaining("does not stop what it runs");
    expect(hung).toMatchObject({
      ...{ status: "timeout", error: { code: "exec_timeout", message } },
      flags: expect.arrayContaining(["still_running"]),
    });
    const before = node.sessionId;
    await hub.read("lab-7", { path: "/nowhere" }, BY).catch(() => undefined);
    expect(node.sessionId).toBe(before);
    const next = await Promise.all(["a", "b"].map((command) => hub.exec("lab-7", { command }, BY)));
    expect(next).toMatchObject([{ status: "ok" }, { status: "ok" }]);
    expect([base.sessions, base.types.has("bye")]).toEqual([2, true]);
  });

  it("is tried out after -1, and replaced only where that fails too", async () => {
    const gone = new Set(["once"]);
    const run = (command: string) => answer(gone.delete(command) ? -1 : 0);
    const { hub, base, audit } = await startNode({ run, comesBack: true });
    expect(await hub.exec("lab-7", { command: "once" }, BY)).toMatchObject({
      status: "error",
      exitCode: -1,
      error: { code: "exec_failed" },
    });
    await hub.exec("lab-7", { command: "then" }, BY);
    expect(base.calls.map((call) => call["command"])).toEqual(["once", ":", "then"]);
    expect(base.sessions).toBe(1);
    const probe = audit.filter(({ actor }) => actor === "system");
    expect(probe.map(({ phase }) => phase)).toEqual(["begin", "end"]);

    for (const command of ["once", ":"]) gone.add(command);
    await hub.exec("lab-7", { command: "once" }, BY);
    await hub.exec("lab-7", { command: "then" }, BY);
    expect(base.sessions).toBe(2);
  });

  it("is replaced when it has written much to stderr", async () => {
    const run = () => answer(0, "", "é".repeat(2.5 * 2 ** 20));
    const { hub, base } = await startNode({ run, comesBack: true }, { node: { base: OFF } });
    for (let at = 0; at < 3; at++) await hub.exec("lab-7", { command: "x" }, BY);
    expect(base.sessions).toBe(2);
  });

  it("is given up with a call that is canceled, and the next one gets a fresh one", async () => {
    const hold = createHold();
    const run = async (command: string) => {
      if (command === "long") await hold.promise;
      return answer(0, `${command}\n`);
    };
    const { hub, base } = await startNode({ run, comesBack: true });
    let id = "";
    const onStarted = (callId: string): void => {
      id = callId;
    };
    const long = hub.exec("lab-7", { command: "long" }, { ...BY, onStarted });
    const queued = hub.exec("lab-7", { command: "queued" }, BY);
    await vi.waitFor(() => expect(base.calls).toHaveLength(1));
    expect(await hub.cancel("lab-7", id, BY)).toBe("abandoned");
    expect(await long).toMatchObject({
      status: "canceled",
      error: { code: "exec_canceled" },
      flags: ["stderr_missing", "still_running"],
    });
    expect((await queued).stdout.toString()).toBe("queued\n");
    expect(base.sessions).toBe(2);
    expect(await hub.cancel("lab-7", id, BY)).toBe("finished");
    expect(await hub.cancel("lab-7", "none", BY)).toBe("unknown");
    hold.release();
  });

  it("comes back with fresh keys when those of its session are used up (A9)", async () => {
    const run = () => answer(0, "x\n");
    const more = { node: { e2e: "required" as const }, options: { sealedFrames: 20 } };
    const { hub, base } = await startNode({ run, comesBack: true }, more);
    for (let at = 0; at < 12; at++) await hub.exec("lab-7", { command: "x" }, BY);
    expect(base.sessions).toBeGreaterThan(1);
    expect(hub.live("lab-7")?.isE2e).toBe(true);
  });

  it("fails what waits for a client that does not come back", async () => {
    const run = (): BaseAnswer => ({ status: "timeout", exitCode: -1, stdout: "" });
    const { hub, registry, node } = await startNode({ run }, { options: { recycleMs: 100 } });
    await hub.exec("lab-7", { command: "hang" }, BY);
    const { sessionId } = node;
    await expect(hub.exec("lab-7", { command: "next" }, BY)).rejects.toMatchObject({
      code: "node_offline",
    });
    const told = registry.told.filter((tell) => tell.sessionId === sessionId);
    expect(told.map(({ what }) => what)).toEqual(["admit", "reconnecting", "left"]);
  });
});

import { AppError, execEventSchema, execResultSchema } from "@yardmaster/protocol";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { ADMIN } from "../../test/http.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { STREAM_LIMITS } from "../http/lasting/stream.ts";
import type { CallOptions, ExecRequest } from "./hub/hub.types.ts";
import { outcomeOf, startNodes, type TestNodes } from "./nodes.fixture.ts";

let db: TestDatabase;
let test: TestNodes;
let url: string;
let isRevoked = false;
beforeAll(async () => {
  db = await createTestDatabase();
  test = await startNodes(db.database, {
    authenticate: () => (isRevoked ? undefined : ADMIN),
    streamLimits: { ...STREAM_LIMITS, tokenCheckMs: 20 },
  });
  ({ url } = await test.http.listen("127.0.0.1", 0));
  await test.call("POST", "/v1/nodes", { name: "lab" });
  await test.call("POST", "/v1/nodes", { name: "away", client: "base" });
  await test.link("lab");
});
afterAll(async () => {
  await test?.close();
  await db?.drop();
});
beforeEach(() => {
  isRevoked = false;
  test.hub.asked.length = 0;
  test.hub.onExec = async (_request, _options, callId) => outcomeOf(callId);
});

const exec = (body: object, headers: Record<string, string> = {}) =>
  test.call("POST", "/v1/nodes/lab/exec", body, headers);
const asked = () => test.hub.asked.at(-1) as { request: ExecRequest; options: CallOptions };

const NDJSON = "application/x-ndjson";
function stream(body: object, init: RequestInit = {}): Promise<Response> {
  return fetch(`${url}/v1/nodes/lab/exec`, {
    method: "POST",
    headers: { accept: NDJSON, "content-type": "application/json" },
    body: JSON.stringify(body),
    ...init,
  });
}
const events = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => execEventSchema.parse(JSON.parse(line)));

it("asks the hub for what was asked, with defaults, and who asks", async () => {
  await exec(
    {
      command: "make -s",
      cwd: "/srv",
      env: { A: "1" },
      timeout: "5s",
      kill_grace: "500ms",
      wait: "2s",
      session: "build",
    },
    { "x-request-id": "req-1" },
  );
  expect(asked()).toMatchObject({
    request: {
      command: "make -s",
      cwd: "/srv",
      env: { A: "1" },
      timeoutMs: 5_000,
      killGraceMs: 500,
      session: "build",
      shell: "session",
      stdin: "null",
    },
    options: { actor: "token:one", waitMs: 2_000, details: { http_request: "req-1" } },
  });
  await exec({ argv: ["printf", "%s\n", "it's"] });
  expect(asked().request).toMatchObject({
    argv: ["printf", "%s\n", "it's"],
    command: `printf '%s\n' 'it'\\''s'`,
    session: "main",
    timeoutMs: 60_000,
  });
  await exec({ command: "cat", stdin_text: "ä" });
  expect(asked().request).toMatchObject({ stdin: "pipe", stdinBytes: Buffer.from("ä") });
  await exec({ command: "top", pty: { cols: 80, rows: 24 } });
  expect(asked().request).toMatchObject({
    stdin: "pty",
    pty: { cols: 80, rows: 24, term: "xterm-256color" },
  });
});

it.each([
  [{}, "/command"],
  [{ command: "a", argv: ["b"] }, "/command"],
  [{ argv: [""] }, "/argv"],
  [{ command: "a\0b" }, "/command"],
  [{ command: "a", cwd: "relative" }, "/cwd"],
  [{ command: "a", env: { "A=B": "1" } }, "/env"],
  [{ command: "a", timeout: "2d" }, "/timeout"],
  [{ command: "a", timeout: "soon" }, "/timeout"],
  [{ command: "a", wait: "1h" }, "/wait"],
  [{ command: "a", session: "a/b" }, "/session"],
  [{ command: "a", stdin: "null", stdin_text: "x" }, "/stdin_text"],
  [{ command: "a", stdin: "pipe", pty: { cols: 1, rows: 1 } }, "/pty"],
  [{ command: "a", more: 1 }, "/more"],
])("refuses %j before anything is asked of the node", async (body, path) => {
  const { status, body: problem } = await exec(body);
  expect(status).toBe(400);
  expect(problem.errors[0].path).toMatch(new RegExp(`^${path}`));
  expect(test.hub.asked).toEqual([]);
});

it("answers with the end of the command, whatever its exit code", async () => {
  test.hub.onExec = async (_request, _options, callId) =>
    outcomeOf(callId, { status: "error", exitCode: 7, flags: ["stderr_missing"] });
  const { status, body } = await exec({ command: "exit 7" });
  expect(status).toBe(200);
  expect(execResultSchema.parse(body)).toEqual({
    request_id: expect.any(String),
    node: "lab",
    status: "error",
    exit_code: 7,
    signal: null,
    stdout: "out",
    stderr: "err",
    stdout_truncated: false,
    stderr_truncated: false,
    duration_ms: 12,
    cwd: "/srv",
    error: null,
    flags: ["stderr_missing"],
  });
});

it("answers with the bytes of output that is no text beside the text", async () => {
  const stdout = Buffer.from([0xff, 0x00, 0x0a]);
  test.hub.onExec = async (_request, _options, callId) => outcomeOf(callId, { stdout });
  const { body } = await exec({ command: "x" });
  const text = { stdout: "\ufffd\u0000\n", stderr: "err" };
  expect(execResultSchema.parse(body)).toMatchObject({ ...text, stdout_b64: "/wAK" });
  expect(body).not.toHaveProperty("stderr_b64");
});

it("says of a command that was not run that it has no exit code, and why", async () => {
  test.hub.onExec = async (_request, _options, callId) =>
    outcomeOf(callId, {
      status: "error",
      exitCode: -1,
      error: { code: "cwd_rejected", message: "there is no /nowhere" },
    });
  expect((await exec({ command: "true" })).body).toMatchObject({
    exit_code: null,
    error: { code: "cwd_rejected", message: "there is no /nowhere" },
  });
});

it("is an error where a file was denied, and never an empty file or a write that did nothing", async () => {
  for (const what of ["read", "write"]) {
    const body = { path: "/denied", ...(what === "write" && { content_b64: "" }) };
    expect(await test.call("POST", `/v1/nodes/lab/${what}`, body)).toMatchObject({
      status: 403,
      body: { code: "path_not_allowed", detail: expect.stringContaining("/denied") },
    });
  }
});

it("reads and writes files", async () => {
  const range = { path: "/f", offset: 1, length: 2 };
  expect(await test.call("POST", "/v1/nodes/lab/read", range)).toMatchObject({
    status: 200,
    body: { node: "lab", path: "/f", content_b64: "ZGF0YQ==", size_bytes: 4, mode: "0644" },
  });
  expect(test.hub.asked.at(-1)?.request).toEqual(range);
  const content_b64 = Buffer.from("hello").toString("base64");
  expect(
    await test.call("POST", "/v1/nodes/lab/write", { path: "/f", content_b64, file_mode: "0600" }),
  ).toMatchObject({ status: 200, body: { bytes_written: 5, sha256: null } });
  expect(test.hub.asked.at(-1)?.request).toMatchObject({
    content: Buffer.from("hello"),
    mode: "overwrite",
    fileMode: "0600",
  });
  for (const wrong of ["a", "====", "ä===", "YQ"])
    expect(
      (await test.call("POST", "/v1/nodes/lab/write", { path: "/f", content_b64: wrong })).status,
    ).toBe(400);
  const appended = { path: "/f", content_b64, mode: "append", offset: 0 };
  expect(await test.call("POST", "/v1/nodes/lab/write", appended)).toMatchObject({
    status: 400,
    body: { errors: [{ path: "/offset", message: expect.stringContaining("adds at the end") }] },
  });
  const write = (body: object) => test.call("POST", "/v1/nodes/lab/write", { path: "/d", ...body });
  expect((await write({ folder: true, mode: "create", file_mode: "0750" })).status).toBe(200);
  expect(test.hub.asked.at(-1)?.request).toMatchObject({ folder: true, mode: "create" });
  for (const [field, wrong] of [
    ["/content_b64", {}],
    ["/folder", { folder: true, content_b64 }],
    ["/folder", { folder: true, offset: 0 }],
    ["/folder", { folder: true, mode: "append" }],
  ] as const)
    expect(await write(wrong)).toMatchObject({ status: 400, body: { errors: [{ path: field }] } });
});

it("passes input, sizes, cancels and resets on", async () => {
  const call = "0190b3a1-7c3e-7abc-8def-0123456789ab";
  const base = `/v1/nodes/lab/calls/${call}`;
  expect((await test.call("POST", `${base}/input`, { data_b64: "YQ==", eof: true })).status).toBe(
    204,
  );
  expect(asked().request).toEqual({ callId: call, bytes: Buffer.from("a"), eof: true });
  expect((await test.call("POST", `${base}/input`, {})).status).toBe(400);
  expect((await test.call("POST", `${base}/resize`, { cols: 80, rows: 25 })).status).toBe(204);
  expect(await test.call("POST", `${base}/cancel`, { grace: "3s" })).toMatchObject({
    status: 200,
    body: { request_id: call, node: "lab", state: "signaled" },
  });
  expect(asked().options).toMatchObject({ actor: "token:one", graceMs: 3_000 });
  expect(await test.call("POST", "/v1/nodes/lab/sessions/main/reset", {})).toMatchObject({
    status: 200,
    body: { session: "main", shell_id: "s-2", killed: 2 },
  });
  expect(await test.call("GET", "/v1/nodes/lab/sessions")).toMatchObject({
    status: 200,
    body: [
      { session: "build" },
      { session: "main", running: 1, since: "1970-01-01T00:00:00.000Z" },
    ],
  });
});

it("answers at once for a node that is away, with its name, since when, and what to do", async () => {
  await test.call("GET", "/v1/nodes/away");
  for (const path of ["exec", "read"]) {
    const body = path === "exec" ? { command: "true" } : { path: "/f" };
    expect(await test.call("POST", `/v1/nodes/away/${path}`, body)).toMatchObject({
      status: 409,
      body: {
        code: "node_offline",
        detail: expect.stringMatching(/^The node away was never seen; .*\d{4}-.*hermes-node run$/),
      },
    });
  }
  expect(await test.call("POST", "/v1/nodes/awey/exec", { command: "true" })).toMatchObject({
    status: 404,
    body: { detail: "There is no node awey. Did you mean away?" },
  });
});

it("waits for a node that comes within the time", async () => {
  await test.call("POST", "/v1/nodes", { name: "late" });
  const waiting = test.call("POST", "/v1/nodes/late/exec", { command: "true", wait: "20s" });
  await test.link("late");
  expect(await waiting).toMatchObject({ status: 200 });
});

it("does not run a command again that comes again with its key", async () => {
  let runs = 0;
  test.hub.onExec = async (_request, _options, callId) => {
    runs++;
    return outcomeOf(callId, { stdout: Buffer.from(`run ${runs}`) });
  };
  const key = { "idempotency-key": "once" };
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => exec({ command: "deploy" }, key)),
  );
  answers.push(await exec({ command: "deploy" }, key));
  expect(new Set(answers.map(({ body }) => body.stdout))).toEqual(new Set(["run 1"]));
  expect(new Set(answers.map(({ body }) => body.request_id)).size).toBe(1);
  expect(answers.at(-1)?.headers["idempotency-replayed"]).toBe("true");
  expect(asked().options.callId).toBe(answers[0]?.body.request_id);
  expect(await exec({ command: "other" }, key)).toMatchObject({
    status: 409,
    body: { code: "idempotency_mismatch" },
  });
  expect(runs).toBe(1);
});

it("does not run it again in a process that knows nothing of it, and says where its end is told", async () => {
  const other = await startNodes(db.database);
  await other.link("lab");
  const key = { "idempotency-key": "elsewhere" };
  const { body } = await exec({ command: "deploy" }, key);
  const again = await other.call("POST", "/v1/nodes/lab/exec", { command: "deploy" }, key);
  expect(again).toMatchObject({
    status: 409,
    body: { code: "conflict", detail: expect.stringContaining(`--request ${body.request_id}`) },
  });
  expect(other.hub.asked).toEqual([]);
  await other.close();
});

it("frees the key of a call that was never sent", async () => {
  const key = { "idempotency-key": "freed" };
  test.hub.onExec = async () => {
    throw new AppError("node_busy", "The node lab has too much to do");
  };
  expect((await exec({ command: "true" }, key)).status).toBe(429);
  test.hub.onExec = async (_request, _options, callId) => outcomeOf(callId);
  expect((await exec({ command: "true" }, key)).status).toBe(200);
});

it("tells a command as it happens, one JSON object a line, bytes exact", async () => {
  test.hub.onExec = async (_request, options, callId) => {
    await options.onOutput?.({ stream: "stdout", bytes: Buffer.from([0xff, 0x00, 0x0a]) });
    await options.onOutput?.({ stream: "stderr", bytes: Buffer.from("é") });
    options.onState?.("reconnecting");
    options.onState?.("connected");
    return outcomeOf(callId, { status: "error", exitCode: 7, stdout: Buffer.alloc(0) });
  };
  const response = await stream({ command: "x" });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain(NDJSON);
  const told = events(await response.text());
  expect(told).toMatchObject([
    { type: "started", call: expect.any(String), node: "lab" },
    { type: "output", stream: "stdout", data_b64: "/wAK" },
    { type: "output", stream: "stderr", data_b64: "w6k=" },
    { type: "state", state: "reconnecting" },
    { type: "state", state: "connected" },
    { type: "ended", status: "error", exit_code: 7 },
  ]);
  expect(told.at(-1)).not.toHaveProperty("stdout");
});

it("is an answer with a status where it is refused before it began, and an end where it broke later", async () => {
  const refused = await fetch(`${url}/v1/nodes/away/exec`, {
    method: "POST",
    headers: { accept: NDJSON, "content-type": "application/json" },
    body: JSON.stringify({ command: "true" }),
  });
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ code: "node_offline" });
  test.hub.onExec = async (_request, options) => {
    await options.onOutput?.({ stream: "stdout", bytes: Buffer.from("half") });
    throw new AppError("node_disconnected", "The link of lab was lost");
  };
  const told = events(await (await stream({ command: "x" })).text());
  expect(told.map(({ type }) => type)).toEqual(["started", "output", "ended"]);
  expect(told.at(-1)).toMatchObject({
    status: "error",
    exit_code: null,
    error: { code: "node_disconnected", message: "The link of lab was lost" },
  });
});

it("asks the node for no more than a slow reader reads", async () => {
  const CHUNK = Buffer.alloc(256 * 1024, 0x61);
  const CHUNKS = 200;
  let given = 0;
  test.hub.onExec = async (_request, options, callId) => {
    for (; given < CHUNKS; given++) await options.onOutput?.({ stream: "stdout", bytes: CHUNK });
    return outcomeOf(callId);
  };
  const response = await stream({ command: "yes" });
  const reader = response.body?.getReader();
  await reader?.read();
  let seen = -1;
  await vi.waitFor(
    () => {
      const before = seen;
      seen = given;
      expect(seen).toBe(before);
    },
    { interval: 300 },
  );
  // What stands in the sockets between here and there, and not the 66 MB of all.
  expect(seen).toBeLessThan(CHUNKS / 2);
  for (;;) if ((await reader?.read())?.done !== false) break;
  expect(given).toBe(CHUNKS);
});

it("cancels a command whose caller goes away", async () => {
  const canceled = new Promise<void>((resolve) => {
    test.hub.onExec = async (_request, options, callId) => {
      await new Promise<void>((done) =>
        options.signal?.addEventListener("abort", () => done(), { once: true }),
      );
      resolve();
      return outcomeOf(callId, { status: "canceled", exitCode: -1 });
    };
  });
  const leaving = new AbortController();
  const response = await stream({ command: "sleep 999" }, { signal: leaving.signal });
  expect(response.status).toBe(200);
  leaving.abort();
  await canceled;
});

it("cancels a command whose caller's token is not valid any more, and ends its stream with that", async () => {
  test.hub.onExec = async (_request, options, callId) => {
    isRevoked = true;
    await new Promise<void>((done) =>
      options.signal?.addEventListener("abort", () => done(), { once: true }),
    );
    return outcomeOf(callId, { status: "canceled", exitCode: -1 });
  };
  const told = events(await (await stream({ command: "sleep 999" })).text());
  expect(told.map(({ type }) => type)).toEqual(["started", "ended"]);
  expect(told[1]).toMatchObject({ error: { code: "unauthorized" } });
});

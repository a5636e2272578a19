import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { WebSocket } from "ws";
import { type Server, startServer } from "../src/server.ts";
import { readSettings } from "../src/settings/index.ts";
import { createLogger } from "../src/telemetry/index.ts";
import { hasOpenssl, makeCertificate } from "./certificate.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

const ADMIN = "chosen-by-automation-7";

let db: TestDatabase;
let server: Server;
let url: string;
let nodesUrl: string;
const folder = mkdtempSync(join(tmpdir(), "yard-nodes-"));
const lines: string[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  server = await start({ YARD_NODES_PORT: "0" }, lines);
  url = server.api?.url ?? "";
  const told = lines
    .map((line) => JSON.parse(line))
    .find(({ msg }) => msg?.startsWith("nodes are"));
  nodesUrl = told.url;
});
afterAll(async () => {
  await server?.close();
  await db?.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(env: Record<string, string>, written: string[] = []): Promise<Server> {
  const settings = readSettings(
    [],
    {
      DATABASE_URL: db.url,
      YARD_DATA: folder,
      YARD_PORT: "0",
      YARD_ADMIN_TOKEN: ADMIN,
      ...env,
    },
    folder,
  );
  const log = createLogger({ level: "info", write: (line) => written.push(line) });
  return await startServer(settings, log);
}

async function ask(path: string, body?: object, at = url) {
  const response = await fetch(at + path, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${ADMIN}`,
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

type Frame = { readonly type: string; readonly [field: string]: unknown };

/** A base client as the reference has it, as far as these tests need one. */
async function dial(
  name: string,
  token: string,
  {
    at = url,
    answer = () => undefined,
    ca,
  }: {
    readonly at?: string;
    readonly answer?: (frame: Frame) => object | undefined;
    readonly ca?: Buffer;
  } = {},
) {
  const ws = new WebSocket(`${at.replace(/^http/, "ws")}/ws/nodes`, { ...(ca && { ca }) });
  const frames: Frame[] = [];
  const closed = new Promise<number>((resolve) => ws.once("close", (code) => resolve(code)));
  const settled = new Promise<Frame>((resolve, reject) => {
    ws.once("error", reject);
    ws.on("message", (bytes: Buffer) => {
      const frame = JSON.parse(bytes.toString()) as Frame;
      frames.push(frame);
      if (frame.type === "hello_ack")
        ws.send(JSON.stringify({ type: "auth", node_name: name, token }));
      if (frame.type === "auth_ok" || frame.type === "auth_err") resolve(frame);
      const reply = answer(frame);
      if (reply !== undefined) ws.send(JSON.stringify({ id: frame["id"], ...reply }));
    });
  });
  ws.once("open", () =>
    ws.send(
      JSON.stringify({
        type: "hello",
        protocol_version: "0.1.0",
        node_name: name,
        node_version: "v0.2.0",
        platform: "linux",
        arch: "amd64",
        capabilities: ["exec", "read", "write"],
        surprise: true,
      }),
    ),
  );
  onTestFinished(() => ws.terminate());
  return { ws, frames, closed, greeting: await settled };
}

async function pairBase(name: string): Promise<string> {
  const { status, body } = await ask("/v1/nodes", { name, client: "base" });
  expect(status).toBe(201);
  return body.token;
}

const EXIT_7 = (frame: Frame): object | undefined =>
  frame.type === "exec"
    ? {
        type: "exec_result",
        status: "error",
        exit_code: 7,
        stdout: "out\n",
        stderr: "",
        duration_ms: 3,
        truncated: false,
      }
    : undefined;

it("runs a command on a node that was paired, with its true exit code in answer and audit", async () => {
  const token = await pairBase("lab-7");
  const { greeting } = await dial("lab-7", token, { answer: EXIT_7 });
  expect(greeting.type).toBe("auth_ok");
  expect((await ask("/v1/nodes/lab-7")).body).toMatchObject({
    status: "connected",
    client: "base",
    address: "127.0.0.1",
    platform: "linux",
  });
  const done = await ask("/v1/nodes/lab-7/exec", { command: "exit 7" });
  expect(done).toMatchObject({
    status: 200,
    body: { status: "error", exit_code: 7, stdout: "out\n" },
  });
  await vi.waitFor(async () => {
    const { body } = await ask("/v1/audit?node=lab-7&action=node.exec");
    expect(body).toMatchObject([
      { phase: "end", exit_code: 7, request_id: done.body.request_id, actor: "token:admin" },
      { phase: "begin", request_id: done.body.request_id },
    ]);
  });
});

it("answers at once for a node that is away, and audits that it was asked", async () => {
  await pairBase("away");
  const answer = await ask("/v1/nodes/away/exec", { command: "true" });
  expect(answer).toMatchObject({ status: 409, body: { code: "node_offline" } });
  await vi.waitFor(async () => {
    const { body } = await ask("/v1/audit?node=away&action=node.exec");
    const phases = body.map(({ phase, status }: Frame) => `${phase} ${status}`);
    expect(phases.filter((text: string) => text === "end node_offline")).toHaveLength(1);
  });
});

it("cuts a node off at once: its link, the call in flight, the next call and the next login", async () => {
  const token = await pairBase("cut");
  const { closed, frames } = await dial("cut", token);
  const running = ask("/v1/nodes/cut/exec", { command: "sleep 999" });
  await vi.waitFor(() => expect(frames.some(({ type }) => type === "exec")).toBe(true));
  const revoked = await ask("/v1/nodes/cut/revoke", { reason: "lost" });
  expect(revoked.body.status).toBe("revoked");
  expect(await closed).toBe(4006);
  expect(await running).toMatchObject({ status: 409, body: { code: "node_revoked" } });
  expect(await ask("/v1/nodes/cut/exec", { command: "true" })).toMatchObject({
    status: 409,
    body: { code: "node_revoked" },
  });
  const again = await dial("cut", token);
  expect(again.greeting).toMatchObject({ type: "auth_err", reason: "revoked", code: 4001 });
  expect(await again.closed).toBe(4001);
});

it("cuts off a node whose link another process holds, and passes calls on to that one", async () => {
  const other = await start({});
  onTestFinished(() => other.close());
  const token = await pairBase("far");
  const { closed } = await dial("far", token, { at: other.api?.url ?? "", answer: EXIT_7 });
  const done = await ask("/v1/nodes/far/exec", { command: "exit 7" });
  expect(done).toMatchObject({ status: 200, body: { exit_code: 7 } });
  await ask("/v1/nodes/far/revoke", {});
  expect(await closed).toBe(4006);
});

it("lets the later of two processes have a node that logs in at both", async () => {
  const other = await start({});
  onTestFinished(() => other.close());
  const token = await pairBase("both");
  const first = await dial("both", token, { at: other.api?.url ?? "" });
  const second = await dial("both", token, { answer: EXIT_7 });
  expect(await first.closed).toBe(4007);
  expect(second.greeting.type).toBe("auth_ok");
  expect((await ask("/v1/nodes/both/exec", { command: "x" })).body.exit_code).toBe(7);
  expect((await ask("/v1/nodes/both")).body.status).toBe("connected");
});

it("holds nodes to the rate and the longest command that are set", async () => {
  const other = await start({ YARD_NODES_RATE: "5", YARD_NODES_BASE_TIMEOUT: "2m" });
  onTestFinished(() => other.close());
  const token = await pairBase("chatty");
  const at = other.api?.url ?? "";
  const { ws, frames, closed } = await dial("chatty", token, { at, answer: EXIT_7 });
  const long = await ask("/v1/nodes/chatty/exec", { command: "x", timeout: "1h" }, at);
  expect(long.body.flags).toContain("timeout_clamped");
  expect(frames.find(({ type }) => type === "exec")).toMatchObject({ timeout_ms: 120_000 });
  for (let at = 0; at < 6; at++) ws.send(JSON.stringify({ type: "ping" }));
  expect(await closed).toBe(4004);
  expect(frames.at(-1)).toMatchObject({ type: "rate_limit", limit_per_second: 5 });
});

it("serves nodes alone on a listener of their own", async () => {
  const token = await pairBase("apart");
  const { greeting } = await dial("apart", token, { at: nodesUrl, answer: EXIT_7 });
  expect(greeting.type).toBe("auth_ok");
  expect((await ask("/v1/nodes/apart/exec", { command: "x" })).body.exit_code).toBe(7);
  for (const path of [
    "/v1/nodes",
    "/v1/runs",
    "/healthz",
    "/docs",
    "/openapi.json",
    "/metrics",
    "/",
  ])
    expect((await ask(path, undefined, nodesUrl)).status, path).toBe(404);
  const { body } = await ask("/v1/nodes", { name: "swapped" });
  const swapped = await ask("/v1/nodes/pair", { token: body.token }, nodesUrl);
  expect(swapped).toMatchObject({ status: 200, body: { name: "swapped" } });
});

it("announces what happens to nodes on the feed", async () => {
  const response = await fetch(`${url}/v1/stream?types=node.*`, {
    headers: { authorization: `Bearer ${ADMIN}` },
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  onTestFinished(() => reader?.cancel());
  let text = "";
  const until = async (type: string) => {
    while (!text.includes(`event: ${type}`)) {
      const part = await reader?.read();
      if (part?.value === undefined) throw new Error(`the stream ended without ${type}: ${text}`);
      text += part.value;
    }
  };
  await until("ready");
  const token = await pairBase("told");
  const { ws } = await dial("told", token);
  await until("node.connected");
  ws.close();
  await until("node.disconnected");
  await ask("/v1/nodes/told/revoke", {});
  await until("node.revoked");
  expect(text).toContain("node.paired");
  expect(text).not.toContain(token);
});

it("limits the calls of one caller to one node, and says so", async () => {
  const token = await pairBase("hasty");
  await dial("hasty", token, { answer: EXIT_7 });
  const statuses = new Set<number>();
  for (let round = 0; round < 10 && !statuses.has(429); round++) {
    const calls = Array.from({ length: 150 }, () => ask("/v1/nodes/hasty/exec", { command: "x" }));
    for (const { status, body } of await Promise.all(calls)) {
      statuses.add(status);
      if (status === 429) expect(body.code).toMatch(/^(rate_limited|node_busy)$/);
    }
  }
  expect([...statuses].sort()).toEqual([200, 429]);
  await vi.waitFor(async () =>
    expect((await ask("/v1/nodes/hasty/exec", { command: "x" })).status).toBe(200),
  );
});

it.skipIf(!hasOpenssl())("serves nodes over TLS by itself", async () => {
  const { certPath, keyPath } = makeCertificate(folder);
  const secure = await start({ YARD_TLS_CERT: certPath, YARD_TLS_KEY: keyPath });
  onTestFinished(() => secure.close());
  const at = secure.api?.url ?? "";
  expect(at).toMatch(/^https:/);
  const token = await pairBase("tls");
  const { greeting } = await dial("tls", token, { at, ca: readFileSync(certPath) });
  expect(greeting.type).toBe("auth_ok");
});

it("logs no error and no token", async () => {
  const levels = lines.map((line) => JSON.parse(line).level);
  expect(levels.filter((level) => level === "error")).toEqual([]);
  const { rows } = await db.database.pool.query("SELECT count(*)::int AS tokens FROM node_tokens");
  expect(rows[0].tokens).toBeGreaterThan(0);
});

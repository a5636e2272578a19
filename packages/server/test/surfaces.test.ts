import { createHmac } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { type Server, startServer } from "../src/server.ts";
import { readSettings } from "../src/settings/index.ts";
import { createLogger } from "../src/telemetry/index.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

const ADMIN = "chosen-by-automation-7";
const FORGE = "forge-secret-which-nobody-may-see";
const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

let db: TestDatabase;
let server: Server;
let url: string;
const folder = mkdtempSync(join(tmpdir(), "yard-surfaces-"));
const lines: string[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  const settings = readSettings(
    [],
    {
      DATABASE_URL: db.url,
      YARD_DATA: folder,
      YARD_PORT: "0",
      YARD_ADMIN_TOKEN: ADMIN,
      YARD_LOG_LEVEL: "debug",
    },
    folder,
  );
  const log = createLogger({ level: settings.logLevel, write: (line) => lines.push(line) });
  server = await startServer(settings, log);
  url = server.api?.url ?? "";
});
afterAll(async () => {
  await server?.close();
  await db?.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(url + path, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${ADMIN}`,
      ...(body && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return { status: response.status, text, body: isJson ? JSON.parse(text) : undefined };
}

function webhook(body: object, secret: string) {
  const signature = createHmac("sha256", secret).update(JSON.stringify(body)).digest("hex");
  const headers = {
    "x-gitea-event": "push",
    "x-gitea-signature": signature,
    authorization: "",
    traceparent: TRACE,
  };
  return { signature, answer: ask("/webhook/forge", body, headers) };
}

it("counts what the whole server does, logs each request with its trace, and lets no secret into either", async () => {
  const made = await ask("/v1/tokens", { name: "ci", scopes: ["runs:read"], expires_in: "1h" });
  expect(made.status).toBe(201);
  const { token } = made.body;
  expect((await ask("/v1/sources", { name: "forge", kind: "gitea", secret: FORGE })).status).toBe(
    201,
  );
  const good = webhook({ n: 1 }, FORGE);
  expect((await good.answer).status).toBe(200);
  const forged = webhook({ n: 1 }, "another");
  expect((await forged.answer).status).toBe(401);
  const run = { ref: "core.echo", input: { password: "in-the-input-of-a-run" } };
  const finished = await ask("/v1/runs", run, { prefer: "wait=10", traceparent: TRACE });
  expect(finished.body).toMatchObject({ status: "success", traceparent: TRACE });
  await ask("/v1/runs", { ref: "core.fail", input: { message: "no" } }, { prefer: "wait=10" });
  const stranger = "yard_a-token-that-nobody-knows-0000000000000000000";
  await ask("/v1/runs?access_token=in-the-query", undefined, {
    authorization: `Bearer ${stranger}`,
  });
  expect(await ask("/v1/runs", run, { authorization: `Bearer ${token}` })).toMatchObject({
    status: 403,
    body: { errors: [{ expected: "runs:write" }] },
  });

  const { events } = await eventsOfTrace();
  expect(events).toEqual(["gitea.push"]);
  const { text: metrics } = await ask("/metrics", undefined, { authorization: "" });
  for (const line of [
    "yard_runs_started_total 2",
    'yard_runs_finished_total{status="success"} 1',
    'yard_runs_finished_total{status="failed"} 1',
    'yard_run_duration_seconds_count{status="success"} 1',
    "yard_run_pickup_seconds_count 2",
    'yard_attempts_total{runner="core",status="success"} 1',
    'yard_webhooks_total{kind="gitea",outcome="accepted"} 1',
    'yard_webhooks_total{kind="gitea",outcome="invalid_signature"} 1',
    'yard_http_requests_total{method="POST",route="/webhook/{source}",status="4xx"} 1',
    "yard_workers 1",
  ])
    expect(metrics.split("\n")).toContain(line);
  expect(metrics).toMatch(/^yard_flush_units_count [1-9]/m);

  const log = lines.join("");
  const secrets = [ADMIN, token, FORGE, good.signature, forged.signature, stranger];
  for (const secret of [...secrets, "in-the-query", "in-the-input-of-a-run"]) {
    expect(log).not.toContain(secret);
    expect(metrics).not.toContain(secret);
  }
  const all = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(all.filter(({ level }) => level === "error")).toEqual([]);
  expect(all).toContainEqual(
    expect.objectContaining({
      level: "debug",
      method: "POST",
      path: "/webhook/forge",
      status: 200,
      trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
      request_id: expect.any(String),
    }),
  );
  const ended = { level: "info", status: "failed", ref: expect.any(String) };
  const ids = { run_id: expect.any(String), trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) };
  expect(all).toContainEqual(expect.objectContaining({ ...ended, ...ids }));
});

async function eventsOfTrace(): Promise<{ events: string[] }> {
  const { body } = await ask("/v1/events?trace=4bf92f3577b34da6a3ce929d0e0e4736");
  return { events: body.map(({ type }: { type: string }) => type) };
}

it("serves health and metrics of a process that has no API, where it is asked to", async () => {
  const settings = readSettings(
    [],
    { DATABASE_URL: db.url, YARD_DATA: folder, YARD_ROLES: "worker", YARD_WORKER_PORT: "0" },
    folder,
  );
  const said: string[] = [];
  const log = createLogger({ level: "info", write: (line) => said.push(line) });
  const worker = await startServer(settings, log);
  onTestFinished(() => worker.close());
  const at = said.map((line) => JSON.parse(line).url as string | undefined).find(Boolean) ?? "";
  expect((await fetch(`${at}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${at}/metrics`)).text()).toContain("\nyard_workers 2\n");
  expect((await fetch(`${at}/v1/status`)).status).toBe(401);
  expect((await fetch(`${at}/v1/runs`, { method: "POST" })).status).toBe(404);
});

it("starts no PostgreSQL for an address at which it could not listen", async () => {
  const data = join(folder, "never");
  const settings = readSettings([], { YARD_DATA: data, YARD_HOST: "192.0.2.1" }, folder);
  const start = startServer(settings, createLogger({ level: "error", write: () => undefined }));
  await expect(start).rejects.toThrow(/Cannot listen on 192\.0\.2\.1 \(EADDRNOTAVAIL\)/);
  expect(existsSync(data)).toBe(false);
});

it("finds all well with itself", async () => {
  const { body } = await ask("/v1/doctor");
  const wrong = body.checks.filter(({ status }: { status: string }) => status === "bad");
  expect(wrong).toEqual([]);
});

it("serves the WebSockets of changes and of nodes on one listener, and refuses what is neither", async () => {
  const socketUrl = url.replace("http", "ws");
  const headers = { authorization: `Bearer ${ADMIN}` };
  const changes = new WebSocket(`${socketUrl}/ws?types=run.*`, { headers });
  const [ready] = await once(changes, "message");
  expect(JSON.parse(String(ready))).toMatchObject({ type: "ready" });
  const nodes = new WebSocket(`${socketUrl}/ws/nodes`);
  await once(nodes, "open");
  for (const client of [changes, nodes]) client.terminate();
  const [error] = await once(new WebSocket(`${socketUrl}/ws/other`, { headers }), "error");
  expect(error).toMatchObject({ message: expect.stringContaining("404") });
});

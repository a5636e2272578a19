import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startYardClient } from "../src/nodes/hub/yard-client.fixture.ts";
import { type Server, startServer } from "../src/server.ts";
import { readSettings } from "../src/settings/index.ts";
import { createLogger } from "../src/telemetry/index.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

const ADMIN = "chosen-by-automation-8";
const KIB = 1024;
const zeros = (bytes: number) => `head -c ${bytes} /dev/zero | tr '\\0' x`;
const PACK = {
  "pack.yaml": "pack: big\nversion: 1.0.0\n",
  "actions/output.yaml": `action: big.output\nrunner: process\nscript: ${zeros(20 * KIB)}\nstdout: text\n`,
  "actions/far.yaml":
    "action: big.far\nrunner: process\nscript: echo\nstdout: text\non: { node: lab }\n",
  "actions/log.yaml": `action: big.log\nrunner: process\nscript: ${zeros(40 * KIB)} >&2\nstdout: text\n`,
};
const folder = mkdtempSync(join(tmpdir(), "yard-limits-"));
let db: TestDatabase;
let server: Server;

beforeAll(async () => {
  for (const [path, text] of Object.entries(PACK)) {
    const file = join(folder, "packs/big", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  db = await createTestDatabase();
  const settings = readSettings(
    ["--packs", "packs"],
    {
      ...{ DATABASE_URL: db.url, YARD_DATA: join(folder, "data"), YARD_PORT: "0" },
      ...{ YARD_ADMIN_TOKEN: ADMIN, YARD_MASTER_KEY: "a".repeat(64) },
      ...{ YARD_MAX_BODY: "100KiB", YARD_MAX_WEBHOOK_BODY: "64KiB" },
      ...{ YARD_MAX_INLINE: "16KiB", YARD_MAX_LOG: "32KiB" },
    },
    folder,
  );
  server = await startServer(settings, createLogger({ level: "error", write: () => undefined }));
});
afterAll(async () => {
  await server?.close();
  await db?.drop();
  rmSync(folder, { recursive: true });
});

async function ask(path: string, body?: object) {
  const response = await fetch(`${server.api?.url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${ADMIN}`,
      "content-type": "application/json",
      prefer: "wait=30",
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return JSON.parse(await response.text());
}

it("the bodies of requests and of webhooks are bounded by their settings", async () => {
  const run = (bytes: number) => ({ ref: "core.echo", input: { text: "x".repeat(bytes) } });
  expect(await ask("/v1/runs", run(100 * KIB))).toMatchObject({
    code: "too_large",
    detail: expect.stringContaining("102400 bytes (0.09765625 MiB); YARD_MAX_BODY sets it"),
  });
  expect(await ask("/webhook/nobody", run(64 * KIB))).toMatchObject({
    code: "too_large",
    detail: expect.stringContaining("YARD_MAX_WEBHOOK_BODY"),
  });
  expect(await ask("/webhook/nobody", run(63 * KIB))).toMatchObject({ code: "unknown_source" });
});

it("the input of a run and the output of a step are bounded by YARD_MAX_INLINE", async () => {
  const run = (bytes: number) => ({ ref: "core.echo", input: { text: "x".repeat(bytes) } });
  expect(await ask("/v1/runs", run(15 * KIB))).toMatchObject({ status: "success" });
  expect(await ask("/v1/runs", run(16 * KIB))).toMatchObject({
    code: "too_large",
    detail: expect.stringContaining("at most 16384 are allowed (YARD_MAX_INLINE)"),
  });
  expect(await ask("/v1/runs", { ref: "big.output", input: {} })).toMatchObject({
    status: "failed",
    error: {
      code: "limit_exceeded",
      message: expect.stringContaining(
        "at most 16 KiB (16384 bytes) are allowed (YARD_MAX_INLINE)",
      ),
    },
  });
});

it("the log of an attempt is cut at YARD_MAX_LOG, and says so", async () => {
  const { id } = await ask("/v1/runs", { ref: "big.log", input: {} });
  const lines = (await ask(`/v1/runs/${id}/logs`)) as { text: string }[];
  const [kept, notice] = lines
    .map(({ text }) => text)
    .join("")
    .split("\n");
  expect(kept).toHaveLength(32 * KIB);
  expect(notice).toContain("only 32 KiB (32768 bytes) are kept (YARD_MAX_LOG)");
});

it("what a job on a node prints is bounded alike", async () => {
  const { token } = await ask("/v1/nodes", { name: "lab", client: "base" });
  const client = await startYardClient(`${server.api?.url.replace("http", "ws")}/ws/nodes`, {
    name: "lab",
    token,
  });
  client.send({ type: "task_ready", slots: 1 });
  const ended = ask("/v1/runs", { ref: "big.far", input: {} });
  const offer = await client.next("task_offer");
  const { id, lease_id } = offer;
  client.send({ type: "task_accept", id });
  const data = Buffer.alloc(20 * KIB, "x").toString("base64");
  client.send({ type: "task_log", lease_id, seq: 1, stream: "stdout", data });
  client.send({
    ...{ type: "task_result", lease_id, fence: 1, status: "succeeded", exit_code: 0 },
    ...{ duration_ms: 5, stdout_bytes: 20 * KIB, stderr_bytes: 0, files: [] },
  });
  expect(await ended).toMatchObject({
    error: { code: "limit_exceeded", message: expect.stringContaining("YARD_MAX_INLINE") },
  });
});

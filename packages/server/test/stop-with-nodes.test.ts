import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startYardClient, type YardClient } from "../src/nodes/hub/yard-client.fixture.ts";
import { type Server, startServer } from "../src/server.ts";
import { readSettings } from "../src/settings/index.ts";
import { createLogger } from "../src/telemetry/index.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

const ADMIN = "chosen-by-automation-7";
const PACK = {
  "pack.yaml": "pack: far\nversion: 1.0.0\n",
  "actions/there.yaml":
    "action: far.there\nrunner: process\nscript: echo there\nstdout: text\non: { node: lab }\n",
  "actions/here.yaml": "action: far.here\nrunner: process\nscript: echo here\nstdout: text\n",
};

const folder = mkdtempSync(join(tmpdir(), "yard-stop-"));
const servers: Server[] = [];
const warned: string[] = [];
let db: TestDatabase;

beforeAll(async () => {
  for (const [path, text] of Object.entries(PACK)) {
    const file = join(folder, "packs/far", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  db = await createTestDatabase();
});
afterAll(async () => {
  for (const server of servers) await server.close();
  await db.drop();
  rmSync(folder, { recursive: true });
});

async function start(env: Record<string, string> = {}): Promise<Server> {
  const settings = readSettings(
    ["--packs", "packs"],
    {
      ...{ DATABASE_URL: db.url, YARD_DATA: join(folder, String(servers.length)) },
      ...{ YARD_PORT: "0", YARD_ADMIN_TOKEN: ADMIN, YARD_MASTER_KEY: "a".repeat(64) },
      ...env,
    },
    folder,
  );
  const log = createLogger({ level: "warn", write: (line) => warned.push(line) });
  const server = await startServer(settings, log);
  servers.push(server);
  return server;
}

async function ask(server: Server, path: string, body?: object) {
  const response = await fetch(`${server.api?.url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${ADMIN}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  return JSON.parse(await response.text());
}

async function takesJob(client: YardClient): Promise<unknown> {
  const offer = await client.next("task_offer");
  client.send({ type: "task_accept", id: offer["id"] });
  return offer["lease_id"];
}

it("a stop gives jobs on nodes the grace of attempts here, and nothing new begins meanwhile", async () => {
  // Of the two, one carries nothing out: it shows what became of the other's runs.
  const stays = await start({ YARD_ROLES: "api" });
  const stops = await start({ YARD_SHUTDOWN_GRACE: "20s" });
  const { token } = await ask(stops, "/v1/nodes", { name: "lab", client: "base" });
  const client = await startYardClient(`${stops.api?.url.replace("http", "ws")}/ws/nodes`, {
    name: "lab",
    token,
  });
  client.send({ type: "task_ready", slots: 2 });
  const there = await ask(stays, "/v1/runs", { ref: "far.there", input: {} });
  const lease_id = await takesJob(client);

  const closed = stops.close();
  expect(await client.next("bye")).toMatchObject({ reason: "server_shutdown", drain_ms: 20_000 });
  const here = await ask(stays, "/v1/runs", { ref: "far.here", input: {} });
  const data = Buffer.from("from there\n").toString("base64");
  client.send({ type: "task_log", lease_id, seq: 1, stream: "stdout", data });
  client.send({
    ...{ type: "task_result", lease_id, fence: 1, status: "succeeded", exit_code: 0 },
    ...{ duration_ms: 5, stdout_bytes: 11, stderr_bytes: 0, files: [] },
  });
  expect(await client.closed).toBe(1000);
  await closed;
  servers.pop();

  expect(await ask(stays, `/v1/runs/${there.id}`)).toMatchObject({
    status: "success",
    output: "from there",
  });
  const steps = await ask(stays, `/v1/runs/${there.id}/steps`);
  expect(steps[0].attempts).toHaveLength(1);
  expect(await ask(stays, `/v1/runs/${here.id}`)).toMatchObject({ status: "queued" });
});

it("a stop leaves the end of each link in the audit, and no warning", async () => {
  const stays = await start({ YARD_ROLES: "api" });
  const stops = await start({ YARD_ROLES: "api" });
  const url = `${stops.api?.url.replace("http", "ws")}/ws/nodes`;
  const names = ["end-1", "end-2", "end-3"];
  for (const name of names) {
    const { token } = await ask(stops, "/v1/nodes", { name, client: "base" });
    await startYardClient(url, { name, token });
  }
  warned.length = 0;
  await stops.close();
  servers.pop();
  const ends = await ask(stays, "/v1/audit?action=node.disconnect");
  const told = ends.map(({ node }: { readonly node: string }) => node);
  expect(told).toEqual(expect.arrayContaining(names));
  expect(warned).toEqual([]);
});

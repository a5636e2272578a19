import type { Sensor } from "@yardmaster/protocol";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { ADMIN, serveRoutes } from "../../test/http.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import type { Http } from "../http/index.ts";
import {
  PATIENCE,
  printing,
  rule,
  sensor,
  startTestSensors,
  type TestSensors,
} from "./sensors.fixture.ts";
import { sensorRoutes } from "./sensors.routes.ts";

let db: TestDatabase;
let t: TestSensors;
let http: Http;
let url = "";
let scopes: readonly string[] = ["admin"];

beforeAll(async () => {
  db = await createTestDatabase();
  const line = '{"type":"hot","data":{"celsius":1}}';
  t = await startTestSensors(db.url, { ...sensor(printing(line, "x")), ...rule("cool", "t.hot") });
  const authenticate = () => ({ ...ADMIN, scopes: scopes as typeof ADMIN.scopes });
  http = serveRoutes(sensorRoutes(t.sensors), { authenticate }).http;
  ({ url } = await http.listen("127.0.0.1", 0));
});
afterAll(async () => {
  await http?.close();
  await t?.close();
  await db?.drop();
});

async function ask(method: string, path: string) {
  const response = await fetch(`${url}/v1/sensors${path}`, {
    method,
    headers: { authorization: "Bearer one" },
  });
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is what it checks.
  const body = (response.status === 204 ? undefined : await response.json()) as any;
  return { status: response.status, link: response.headers.get("link"), body };
}

const until = (expected: Partial<Sensor>) =>
  vi.waitFor(async () => {
    const { body } = await ask("GET", "/t.s");
    expect(body).toMatchObject(expected);
    return body as Sensor;
  }, PATIENCE);

it("shows sensors with all that there is to know of them", async () => {
  const shown = await until({ status: "running", stored: 1, refused: 1 });
  expect(shown).toEqual({
    ref: "t.s",
    pack: "t",
    declared: true,
    description: null,
    status: "running",
    reason: "rule t.cool listens to it",
    paused_by: null,
    events: ["t.hot", "t.beat"],
    worker: t.test.engine.processes.id(),
    pid: expect.any(Number),
    started_at: expect.stringMatching(/^\d{4}-.*Z$/),
    failures: 0,
    last_exit: null,
    next_start_at: null,
    stored: 1,
    refused: 1,
    last_event_at: expect.stringMatching(/^\d{4}-.*Z$/),
    cursor: null,
  });
  expect((await ask("GET", "")).body).toEqual([shown]);
  expect((await ask("GET", "?status=running")).body).toEqual([shown]);
  expect((await ask("GET", "?status=stopped")).body).toEqual([]);
});

it("reads its log in pages", async () => {
  await until({ refused: 1 });
  const first = await ask("GET", "/t.s/logs?limit=1");
  expect(first.body).toEqual([
    {
      seq: 1,
      at: expect.any(String),
      stream: "yard",
      text: expect.stringMatching(/^started, pid /),
    },
  ]);
  expect(first.link).toContain("cursor=1");
  const second = await ask("GET", "/t.s/logs?after=1");
  expect(second.body).toMatchObject([
    { seq: 2, text: expect.stringContaining("line 2 is no event") },
  ]);
  expect((await ask("GET", "/t.s/logs?tail=1")).body).toEqual(second.body);
  expect((await ask("GET", "/t.s/logs?tail=0")).status).toBe(400);
});

it("pauses a sensor, lets it go on, starts it anew, and explains it", async () => {
  const { pid } = await until({ status: "running" });
  const paused = await ask("POST", "/t.s/pause");
  expect(paused).toMatchObject({ status: 200, body: { paused_by: "token:one" } });
  await until({ status: "stopped", reason: "it is paused by token:one" });
  expect((await ask("GET", "/t.s/explain")).body).toMatchObject({
    status: "stopped",
    summary: "The sensor t.s does not run: it is paused by token:one.",
    unblock: ["yard sensors resume t.s", "yard sensors logs t.s shows what it says."],
  });
  expect(await ask("POST", "/t.s/restart")).toMatchObject({
    status: 409,
    body: { code: "conflict" },
  });
  expect((await ask("POST", "/t.s/resume")).body).toMatchObject({ paused_by: null });
  const again = await until({ status: "running" });
  expect(again.pid).not.toBe(pid);
  expect((await ask("POST", "/t.s/restart")).status).toBe(200);
  await vi.waitFor(async () => {
    const { body } = await ask("GET", "/t.s");
    expect(body).toMatchObject({ status: "running" });
    expect(body.pid).not.toBe(again.pid);
  }, PATIENCE);
});

it("resets a sensor: it begins anew without its cursor, and its log says by whom", async () => {
  const { pid } = await until({ status: "running" });
  expect(await ask("POST", "/t.s/reset")).toMatchObject({ status: 200, body: { cursor: null } });
  await vi.waitFor(async () => {
    const { body } = await ask("GET", "/t.s");
    expect(body).toMatchObject({ status: "running", cursor: null, failures: 0 });
    expect(body.pid).not.toBe(pid);
  }, PATIENCE);
  const log = (await ask("GET", "/t.s/logs")).body as { text: string }[];
  expect(log.map(({ text }) => text)).toContain("its cursor was reset by token:one");
});

it("forgets a sensor that no pack defines any more, and none that one does", async () => {
  const refused = await ask("DELETE", "/t.s");
  expect(refused).toMatchObject({ status: 409, body: { code: "conflict" } });
  expect(refused.body.detail).toContain("Remove its file from the pack first");
  expect(refused.body.detail).toContain("yard sensors reset t.s");
  await t.database.pool.query("INSERT INTO sensors (ref, cursor) VALUES ('t.old', '5')");
  expect((await ask("GET", "/t.old")).body).toMatchObject({
    declared: false,
    status: "stopped",
    reason:
      "no active pack declares it any more; yard sensors forget t.old removes what is kept of it",
  });
  expect((await ask("DELETE", "/t.old")).status).toBe(204);
  expect((await ask("DELETE", "/t.old")).status).toBe(404);
  expect((await ask("GET", "")).body).toHaveLength(1);
});

it("has scopes of its own, and names the nearest of one that there is not", async () => {
  expect(await ask("GET", "/t.z")).toMatchObject({
    status: 404,
    body: { detail: "There is no sensor t.z. Did you mean t.s?" },
  });
  scopes = ["sensors:read"];
  expect((await ask("GET", "/t.s")).status).toBe(200);
  expect((await ask("POST", "/t.s/pause")).status).toBe(403);
  expect((await ask("POST", "/t.s/reset")).status).toBe(403);
  expect((await ask("DELETE", "/t.s")).status).toBe(403);
  scopes = ["packs:read"];
  expect((await ask("GET", "/t.s/logs")).status).toBe(403);
  scopes = ["admin"];
});

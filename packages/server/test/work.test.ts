import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startFakeForge } from "./fake-forge.ts";
import { issueBody, SECRET, sign } from "./intake.ts";
import { createServerProcesses, type ServerProcesses } from "./server-processes.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

const PACK = {
  "pack.yaml": "pack: t\nversion: 1.0.0\n",
  "workflows/work.yaml":
    "workflow: t.work\ninput: { item: object! }\nsteps: [{ id: nap, uses: core.sleep, with: { duration: 1s } }]\n",
};

let db: TestDatabase;
let servers: ServerProcesses;
beforeEach(async () => {
  db = await createTestDatabase();
  servers = createServerProcesses(db.url, () => PACK);
});
afterEach(async () => {
  await servers.close();
  await db.drop();
});

async function call(url: string, method: string, path: string, body: unknown): Promise<void> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: "Bearer a-token-of-this-test", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.ok, `${path}: ${response.status}`).toBe(true);
}

async function setUp(url: string): Promise<void> {
  const forge = await startFakeForge();
  await forge.close();
  await call(url, "POST", "/v1/sources", { name: "gitea", kind: "gitea", secret: SECRET });
  await call(url, "POST", "/v1/trackers", {
    ...{ name: "main", kind: "gitea", url: forge.url, token: { value: "x" }, source: "gitea" },
    ...{ projects: ["mosaic/stack"], bot: "mosaic", enabled: false },
  });
  await call(url, "PUT", "/v1/work-orders/main", { run: "t.work", concurrency: 9 });
}

async function assign(url: string, number: number, told: string): Promise<void> {
  const said = issueBody(number);
  const text = JSON.stringify({ ...said, told });
  const headers = { "content-type": "application/json", "x-gitea-signature": sign(text) };
  const response = await fetch(`${url}/webhook/gitea`, { method: "POST", headers, body: text });
  expect(response.status).toBe(200);
}

async function items(): Promise<readonly { number: number; status: string; runs: number }[]> {
  const { rows } = await db.database.pool.query<{ number: number; status: string; runs: number }>(
    `SELECT w.number, w.status, (SELECT count(*)::int FROM (SELECT input FROM runs UNION ALL SELECT input FROM run_history) r
       WHERE r.input #>> '{item,number}' = w.number::text) AS runs FROM work_items w ORDER BY w.number`,
  );
  return rows;
}

it("makes one item and one run of each issue in three processes, of which one is killed and one is frozen", async () => {
  const first = await servers.start("api,worker,scheduler");
  const second = await servers.start("api,worker,scheduler");
  const third = await servers.start("worker,scheduler");
  const url = servers.urlOf(second);
  await setUp(url);
  const numbers = Array.from({ length: 6 }, (_, i) => i + 1);
  // Each fact eight times, in other words each time: none of these is a duplicate of another.
  const told = Promise.all(
    numbers.map((number) =>
      Promise.all(Array.from({ length: 8 }, (_, i) => assign(url, number, `${i}`))),
    ),
  );
  await vi.waitFor(async () => expect((await items()).length).toBeGreaterThan(0), {
    ...{ timeout: 10_000, interval: 20 },
  });
  await servers.end(first, "SIGKILL");
  third.kill("SIGSTOP");
  await told;
  const all = numbers.map((number) => ({ number, status: "done", runs: 1 }));
  await vi.waitFor(async () => expect(await items()).toEqual(all), {
    ...{ timeout: 40_000, interval: 100 },
  });
  third.kill("SIGCONT");
  await servers.end(third, "SIGTERM");
  expect(await items()).toEqual(all);
}, 60_000);

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { actionOf, definitionsOf, ECHO, workflowOf } from "../../test/workflows.ts";
import { isConnectionLoss } from "../db/index.ts";

const folder = mkdtempSync(join(tmpdir(), "yard-read-only-"));
const gate = join(folder, "gate");
const script = `until [ -e ${gate} ]; do sleep 0.05; done; echo worked`;
const action = actionOf("test.gated", { kind: "process", script, output: "text" });
const DEFINITIONS = definitionsOf([
  workflowOf("test.gated", [{ id: "work", action }], "${{ steps.work.output }}"),
  workflowOf("test.echo", [{ id: "echo", action: ECHO }]),
]);

let db: TestDatabase;
let test: TestEngine;
let admin: pg.Client;
beforeAll(async () => {
  db = await createTestDatabase();
  test = await startEngine(db.url, DEFINITIONS, { handOverMs: 200 });
  admin = new pg.Client({ connectionString: inject("postgres").url });
  await admin.connect();
});
afterAll(async () => {
  await test?.close();
  await admin?.end();
  await db?.drop();
  rmSync(folder, { recursive: true });
});

/** As after a switch-over: all connections end, and new ones can read alone, or write again. */
const switchTo = (readOnly: "on" | "off") =>
  change(`SET default_transaction_read_only = ${readOnly}`);

/** As after a change of its password: all connections end, and new ones are refused, or let in again. */
const letIn = (isLetIn: boolean) => change(`ALLOW_CONNECTIONS ${isLetIn}`);

async function change(what: string): Promise<void> {
  const name = new URL(db.url.replace("@/", "@localhost/")).pathname.slice(1);
  await admin.query(`ALTER DATABASE ${name} ${what}`);
  await admin.query(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1",
    [name],
  );
}

it("keeps a result while PostgreSQL takes no writes, and refuses what is new with the reason", async () => {
  const id = await test.start("test.gated");
  await expect.poll(async () => (await test.engine.steps(id))?.[0]?.status).toBe("running");

  await switchTo("on");
  writeFileSync(gate, "");
  await expect
    .poll(() => test.start("test.echo").then(() => "started", String))
    .toMatch(/takes no writes: it is a standby, or read-only; lead DATABASE_URL to the primary/);
  await switchTo("off");

  const ended = await test.engine.waitForEnd(id, 10_000);
  expect(ended).toMatchObject({ status: "success", output: "worked" });
});

it("stops though PostgreSQL does not take a result, which is lost then and comes about again", async () => {
  rmSync(gate);
  const id = await test.start("test.gated");
  await expect.poll(async () => (await test.engine.steps(id))?.[0]?.status).toBe("running");
  await switchTo("on");
  writeFileSync(gate, "");
  await test.close();
  await switchTo("off");

  test = await startEngine(db.url, DEFINITIONS);
  expect(await test.engine.waitForEnd(id, 20_000)).toMatchObject({
    status: "success",
    output: "worked",
  });
  const [step] = (await test.engine.steps(id)) ?? [];
  expect(step?.attempts.map(({ status }) => status)).toEqual(["lost", "success"]);
}, 60_000);

it("keeps a result, and waits with what is new, while PostgreSQL refuses its connections", async () => {
  rmSync(gate, { force: true });
  const id = await test.start("test.gated");
  await expect.poll(async () => (await test.engine.steps(id))?.[0]?.status).toBe("running");

  await letIn(false);
  const news = test.start("test.echo");
  writeFileSync(gate, "");
  await expect
    .poll(() => test.engine.steps(id).catch((error: unknown) => isConnectionLoss(error)))
    .toBe(true);
  await letIn(true);

  expect(await test.engine.waitForEnd(id, 10_000)).toMatchObject({ status: "success" });
  expect(await test.engine.waitForEnd(await news, 10_000)).toMatchObject({ status: "success" });
});

import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ActionDefinition, CORE_ACTIONS } from "@yardmaster/kernel";
import { type Inquiry, type Json, uuidV7 } from "@yardmaster/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startEngine, type TestEngine } from "../../test/engine.ts";
import { ADMIN, serveRoutes } from "../../test/http.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { definitionsOf, workflowOf } from "../../test/workflows.ts";
import { type Audit, auditRoutes, createAudit } from "../audit/index.ts";
import { silentLog } from "../db/index.ts";
import type { Http } from "../http/index.ts";
import { createKeptAnswers } from "../idempotency/index.ts";
import { inquiryRoutes } from "./inquiries.routes.ts";
import { createInquiries } from "./inquiries.ts";

const action = CORE_ACTIONS.get("core.ask") as ActionDefinition;
const SCHEMA = { ok: "boolean!", count: "integer" };
const ask = (given: Json) => [{ id: "ask", action, with: given }];
const DEFINITIONS = definitionsOf([
  workflowOf("test.ask", ask({ prompt: "Go?", schema: SCHEMA })),
  { ...workflowOf("test.last", []), finally: workflowOf("x", ask({ prompt: "Sure?" })).steps },
  workflowOf("test.mine", ask({ prompt: "You?", assigned_to: "ann" })),
]);

let db: TestDatabase;
let test: TestEngine;
let audit: Audit;
let http: Http;
let url = "";
const folder = mkdtempSync(join(tmpdir(), "yard-inquiries-"));
const newId = (): string => uuidV7(Date.now(), randomBytes(10));

beforeAll(async () => {
  db = await createTestDatabase();
  test = await startEngine(db.url, DEFINITIONS);
  const { database } = db;
  audit = createAudit({
    ...{ database, dataFolder: folder, newId, now: Date.now, log: silentLog },
    ...{ processId: () => newId(), monotonicMs: () => performance.now() },
  });
  const inquiries = createInquiries({ engine: test.engine, audit });
  const scopes: Record<string, typeof ADMIN.scopes> = {
    reader: ["inquiries:read"],
    writer: ["inquiries:answer"],
  };
  http = serveRoutes([...inquiryRoutes(inquiries), ...auditRoutes(audit)], {
    authenticate: (header) => {
      const name = header?.replace("Bearer ", "") ?? "";
      return { ...ADMIN, name, scopes: scopes[name] ?? ["admin"] };
    },
    keptAnswers: createKeptAnswers({
      ...{ pool: database.pool, newId, hashKey: randomBytes(32), onError: () => undefined },
    }),
  }).http;
  ({ url } = await http.listen("127.0.0.1", 0));
});
afterAll(async () => {
  await http?.close();
  await audit?.close();
  await test?.close();
  await db?.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function call(
  name: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${url}/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${name}`,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer is what it checks.
  const json = (await response.json()) as any;
  return { status: response.status, link: response.headers.get("link"), body: json };
}

async function asked(ref = "test.ask"): Promise<Inquiry> {
  const runId = await test.start(ref);
  const rows = async () => (await call("ann", "GET", `/inquiries?run=${runId}`)).body;
  await expect.poll(rows).toHaveLength(1);
  return (await rows())[0];
}

it("answers a question, with who did in the audit, and tells a second who was first", async () => {
  const { id, run_id } = await asked();
  const first = await call("ann", "POST", `/inquiries/${id}/answer`, {
    answer: { ok: true, count: 3 },
  });
  expect(first).toMatchObject({
    ...{ status: 200, body: { id, status: "answered", answered_by: "token:ann" } },
    body: { answer: { ok: true, count: 3 } },
  });
  expect((await call("ann", "GET", `/inquiries/${id}`)).body).toEqual(first.body);
  const second = await call("bob", "POST", `/inquiries/${id}/answer`, { answer: { ok: false } });
  expect(second).toMatchObject({ status: 409, body: { code: "conflict" } });
  expect(second.body.detail).toContain(
    `answered by token:ann at ${first.body.answered_at as string}`,
  );
  const { body: entries } = await call("ann", "GET", "/audit?action=inquiry.answered");
  expect(entries).toMatchObject([
    {
      ...{ actor: "token:ann", phase: "event", status: "ok", node: "" },
      details: { inquiry: id, run: run_id, step: "ask", attempt: 1 },
    },
  ]);
  expect(JSON.stringify(entries)).not.toContain("count");
  expect((await call("ann", "GET", "/audit/verify")).body).toMatchObject({ ok: true });
  expect(readFileSync(join(folder, "audit/nodes.jsonl"), "utf8")).toContain(entries[0].hash);
});

it("keeps nothing in the audit of an answer that was not taken", async () => {
  const { id, run_id } = await asked();
  const ofIt = async () => {
    const { body } = await call("ann", "GET", "/audit?action=inquiry.answered&limit=200");
    return body.filter(({ details }: { details: { inquiry: string } }) => details.inquiry === id);
  };
  const wrong = await call("ann", "POST", `/inquiries/${id}/answer`, { answer: { count: "x" } });
  expect(wrong).toMatchObject({ status: 422, body: { code: "invalid_input" } });
  expect(wrong.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
    "/answer/count",
    "/answer/ok",
  ]);
  await test.engine.cancel(run_id, "test");
  const late = await call("ann", "POST", `/inquiries/${id}/answer`, { answer: { ok: true } });
  expect(late).toMatchObject({ status: 409, body: { code: "conflict" } });
  expect(await ofIt()).toEqual([]);
});

it("of two answers at one moment takes one, and keeps one line of it", async () => {
  const { id } = await asked();
  const told = await Promise.all(
    ["ann", "bob", "eve"].map((name) =>
      call(name, "POST", `/inquiries/${id}/answer`, { answer: { ok: true } }),
    ),
  );
  expect(told.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  const { body } = await call("ann", "GET", "/audit?action=inquiry.answered&limit=200");
  expect(
    body.filter(({ details }: { details: { inquiry: string } }) => details.inquiry === id),
  ).toHaveLength(1);
});

it("is answered by whom it is assigned to alone", async () => {
  const { id } = await asked("test.mine");
  const answer = { answer: {} };
  const refused = await call("bob", "POST", `/inquiries/${id}/answer`, answer);
  expect(refused).toMatchObject({ status: 403, body: { code: "forbidden" } });
  expect(refused.body.detail).toContain("for token ann to answer, not for token bob");
  expect((await call("bob", "GET", "/inquiries?assigned_to=ann&status=open")).body).toMatchObject([
    { id },
  ]);
  expect(await call("ann", "POST", `/inquiries/${id}/answer`, answer)).toMatchObject({
    status: 200,
  });
});

it("takes the same answer under the same key once, and answers alike again", async () => {
  const { id } = await asked();
  const send = (answer: Json) =>
    call("ann", "POST", `/inquiries/${id}/answer`, { answer }, { "idempotency-key": `key-${id}` });
  const first = await send({ ok: true });
  expect(await send({ ok: true })).toMatchObject({ status: 200, body: first.body });
  expect(await send({ ok: false })).toMatchObject({ status: 409 });
  // As a crash between the answer and its reply leaves it.
  const { pool } = db.database;
  const lost = "UPDATE kept_answers SET status = NULL, headers = NULL, body = NULL WHERE key = $1";
  await pool.query(lost, [`key-${id}`]);
  expect(await send({ ok: true })).toMatchObject({ status: 200, body: first.body });
});

it("refuses an equal answer by the same token under another key: it is a second one", async () => {
  const { id } = await asked();
  const send = (key: string) =>
    call(
      "ann",
      "POST",
      `/inquiries/${id}/answer`,
      { answer: { ok: true } },
      {
        "idempotency-key": `${key}-${id}`,
      },
    );
  expect(await send("first")).toMatchObject({ status: 200 });
  const second = await send("second");
  expect(second).toMatchObject({ status: 409, body: { code: "conflict" } });
  expect(second.body.detail).toContain("was answered by token:ann at ");
});

it("tells who may answer until when, pages the list, and holds to the scopes", async () => {
  const { id } = await asked();
  const told = await call("reader", "GET", `/inquiries/${id}/explain`);
  expect(told.body).toMatchObject({
    ...{ id, status: "open", summary: "open: waits for an answer" },
    unblock: [`answer it: yard inquiries answer ${id} ok=… [count=…]`, expect.any(String)],
  });
  const all = (await call("reader", "GET", "/inquiries?limit=200")).body as Inquiry[];
  const paged: Inquiry[] = [];
  for (let path = "/inquiries?limit=2"; path !== ""; ) {
    const { body, link } = await call("reader", "GET", path);
    paged.push(...body);
    path = /<\/v1([^>]+)>/.exec(link ?? "")?.[1] ?? "";
  }
  expect(paged).toEqual(all);
  expect(await call("reader", "GET", "/inquiries?cursor=x")).toMatchObject({
    ...{ status: 400, body: { code: "invalid_cursor" } },
  });
  const body = { answer: { ok: true } };
  expect((await call("reader", "POST", `/inquiries/${id}/answer`, body)).status).toBe(403);
  expect((await call("writer", "GET", "/inquiries")).status).toBe(403);
  expect((await call("ann", "POST", `/inquiries/${id}/answer`, {})).status).toBe(400);
  expect((await call("ann", "GET", `/inquiries/${newId()}`)).status).toBe(404);
});

it("recommends no cancel of a run that asks in its finally, which would be refused", async () => {
  const { id } = await asked("test.last");
  const { body } = await call("reader", "GET", `/inquiries/${id}/explain`);
  expect(body.unblock).toEqual([`answer it: yard inquiries answer ${id}`]);
  expect(body.chain.join("\n")).toContain("it is asked in finally, of which nothing is canceled");
});

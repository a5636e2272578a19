import { randomUUID } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { AuditRecord, Scope } from "@yardmaster/protocol";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { ADMIN, serveRoutes } from "../../test/http.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { entryOf, startAudit, type TestAudit } from "./audit.fixture.ts";
import { auditRoutes } from "./index.ts";

let db: TestDatabase;
let audit: TestAudit;
beforeAll(async () => {
  db = await createTestDatabase();
  audit = startAudit(db.database);
});
afterAll(async () => {
  await audit?.end();
  await db?.drop();
});

function serve(scopes: readonly Scope[] = ["audit:read"]) {
  const { http } = serveRoutes(auditRoutes(audit), {
    authenticate: () => ({ ...ADMIN, scopes }),
  });
  return async (url: string) => {
    const response = await http.inject({ url });
    return { status: response.statusCode, body: response.json(), link: response.headers["link"] };
  };
}

function shown(body: unknown): string[] {
  return (body as AuditRecord[]).map((entry) => String(entry.details["n"] ?? entry.phase));
}

it("keeps both halves of a call under its request id, with what came of it", async () => {
  const requestId = randomUUID();
  const call = { requestId, nodeId: "n1", sessionId: "s1", subject: "halves" };
  await audit.record(entryOf({ ...call, phase: "begin", details: { command: "make test" } }));
  await audit.record(
    entryOf({ ...call, phase: "end", status: "error", durationMs: 12.4, exitCode: 7 }),
  );
  const { body } = await serve()(`/v1/audit?request=${requestId}`);
  expect(body).toMatchObject([
    { phase: "end", status: "error", exit_code: 7, duration_ms: 12, details: {} },
    {
      phase: "begin",
      status: null,
      actor: "token:ada",
      action: "node.exec",
      node: "halves",
      node_id: "n1",
      session_id: "s1",
      request_id: requestId,
      details: { command: "make test" },
    },
  ]);
  expect(body[0].seq).toBe(body[1].seq + 1);
});

it("keeps an entry with the transaction that makes it, or not at all, and the chain stays whole", async () => {
  const entry = { ...entryOf({ subject: "", action: "secret.set" }), phase: "event" } as const;
  const within = (n: number, work: () => void) =>
    db.database.withTransaction(async (client) => {
      const kept = await audit.recordWithin(client, { ...entry, details: { n } });
      work();
      return kept;
    });
  const fail = (): never => {
    throw new Error("it is not done");
  };
  const kept = await within(1, () => undefined);
  kept();
  await expect(within(2, fail)).rejects.toThrow("it is not done");
  await audit.record(entryOf({ details: { n: 3 } }));
  const { rows } = await audit.list({ action: "secret.set", limit: 10 });
  expect(shown(rows)).toEqual(["1"]);
  expect(await audit.verify({})).toMatchObject({ ok: true });
  expect(readFileSync(audit.path, "utf8")).toContain('"action":"secret.set"');
});

it("is listed newest first, in pages, by each of its filters", async () => {
  const ask = serve();
  const at = (minute: number): Date => new Date(Date.UTC(2030, 0, 1, 0, minute));
  const entries = [
    entryOf({ subject: "list", at: at(1), details: { n: 1 } }),
    entryOf({ subject: "list", at: at(2), actor: "run:x", details: { n: 2 } }),
    entryOf({ subject: "list", at: at(3), action: "node.read", details: { n: 3 } }),
    entryOf({ subject: "list", at: at(4), status: "timeout", details: { n: 4 } }),
  ];
  for (const entry of entries) await audit.record(entry);
  const of = async (query: string) => shown((await ask(`/v1/audit?node=list&${query}`)).body);
  expect(await of("")).toEqual(["4", "3", "2", "1"]);
  expect(await of("actor=run:x")).toEqual(["2"]);
  expect(await of("action=node.read")).toEqual(["3"]);
  expect(await of("status=timeout")).toEqual(["4"]);
  const since = at(2).toISOString();
  const until = at(4).toISOString();
  expect(await of(`since=${since}&until=${until}`)).toEqual(["3", "2"]);
  const first = await ask("/v1/audit?node=list&limit=3");
  expect(shown(first.body)).toEqual(["4", "3", "2"]);
  const next = /<([^>]+)>/.exec(String(first.link))?.[1] ?? "";
  const second = await ask(next);
  expect(shown(second.body)).toEqual(["1"]);
  expect(second.link).toBeUndefined();
});

it("finds what was begun and has no end", async () => {
  const done = randomUUID();
  const open = randomUUID();
  await audit.record(entryOf({ subject: "open", phase: "begin", requestId: done }));
  await audit.record(entryOf({ subject: "open", phase: "begin", requestId: open }));
  await audit.record(entryOf({ subject: "open", phase: "end", requestId: done }));
  const old = { at: new Date(Date.now() - 30 * 86_400_000), requestId: randomUUID() };
  await audit.record(entryOf({ subject: "open", phase: "begin", ...old }));
  const ask = serve();
  const { body } = await ask("/v1/audit?open=true&node=open");
  expect(body.map((entry: AuditRecord) => entry.request_id)).toEqual([open]);
  const all = await ask("/v1/audit?open=true&node=open&since=2020-01-01T00:00:00Z");
  expect(all.body).toHaveLength(2);
});

it("refuses those who may not read it, foreign cursors and what is no filter", async () => {
  const asOther = serve(["nodes:read"]);
  expect((await asOther("/v1/audit")).status).toBe(403);
  expect((await asOther("/v1/audit/verify")).status).toBe(403);
  const ask = serve();
  expect(await ask("/v1/audit?cursor=x")).toMatchObject({
    status: 400,
    body: { code: "invalid_cursor" },
  });
  expect((await ask("/v1/audit?nod=a")).status).toBe(400);
  expect((await ask("/v1/audit/verify?limit=0")).status).toBe(400);
});

it("takes whatever a feature hands over, and keeps no secret, no file and no more than 16 KiB", async () => {
  const own = startAudit(db.database, ["master-key-of-this-one"]);
  onTestFinished(() => own.end());
  await own.record(
    entryOf({
      subject: `odd \0 \ud800 ${"n".repeat(400)}`,
      durationMs: Number.NaN,
      exitCode: 3_221_225_786,
      details: {
        command: `echo master-key-of-this-one; TOKEN=tok-of-ada ${"x".repeat(9_000)}`,
        master: "it is master-key-of-this-one",
        password: "hunter2",
        odd: "\0\ud800",
        deep: { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } },
        many: Array.from({ length: 10 }, () => "y".repeat(4_000)),
      },
    }),
  );
  await own.close();
  const line = readFileSync(own.path, "utf8");
  const [{ details, ...entry }] = [JSON.parse(line) as AuditRecord];
  const asked = await serve()(`/v1/audit?node=${encodeURIComponent(entry.node)}`);
  expect(asked.body).toEqual([{ ...entry, details, seq: entry.seq, hash: entry.hash }]);
  expect(entry.node).toMatch(/^odd \ufffd \ufffd n+… \[cut: \d+ bytes in all\]$/);
  expect(entry.exit_code).toBe(3_221_225_786);
  expect(line).not.toMatch(/tok-of-ada|master-key-of|hunter2/);
  expect(details["command"]).toMatch(
    /^echo \[redacted\]; TOKEN=\[redacted\] x+… \[cut: 90\d\d byt/,
  );
  expect(Buffer.byteLength(String(details["command"]))).toBeLessThanOrEqual(4_096);
  expect(details).toMatchObject({ password: "[redacted]", odd: "\ufffd\ufffd" });
  expect(JSON.stringify(details["deep"])).toContain("[left out: too deep]");
  expect(JSON.stringify(details["many"])).toContain("[left out: too much]");
  expect(line.length).toBeLessThan(20_000);
});

it("stands beside the chain as lines that only the owner can read", async () => {
  const own = startAudit(db.database);
  onTestFinished(() => own.end());
  await own.record(entryOf({ subject: "lines", phase: "end", status: "ok", exitCode: 0 }));
  await own.close();
  const line = JSON.parse(readFileSync(own.path, "utf8"));
  expect(line).toMatchObject({
    ts: expect.stringMatching(/Z$/),
    node: "lines",
    action: "node.exec",
    status: "ok",
    duration_ms: null,
    exit_code: 0,
    request_id: null,
    actor: "token:ada",
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  if (process.platform !== "win32") expect(statSync(own.path).mode & 0o777).toBe(0o600);
});

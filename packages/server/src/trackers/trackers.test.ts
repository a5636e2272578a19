import { afterEach, beforeEach, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { startTrackers, type TestTrackers } from "./trackers.fixture.ts";

let db: TestDatabase;
let t: TestTrackers;
beforeEach(async () => {
  db = await createTestDatabase();
  t = await startTrackers(db.url);
});
afterEach(async () => {
  await t.close();
  await db.drop();
});

it("keeps a tracker with its token sealed, and tells the audit who made, changed and removed it", async () => {
  const made = await t.add();
  expect(made).toMatchObject({
    ...{ name: "main", kind: "gitea", url: t.forge.url, token: "sealed", source: "gitea" },
    ...{ bot: "mosaic", poll_interval: "300s", status: "active", reason: null, enabled: true },
  });
  const changed = await t.trackers.change("main", { bot: null, poll_interval: "1m" }, t.who);
  expect(changed).toMatchObject({ bot: null, poll_interval: "60s", projects: ["mosaic/stack"] });
  expect(await t.trackers.pause("main", "token:eve")).toMatchObject({
    ...{ status: "paused", enabled: false, paused_by: "token:eve" },
  });
  expect(await t.trackers.resume("main", "token:eve")).toMatchObject({ status: "active" });
  await t.trackers.remove("main", "token:ada");
  await expect(t.trackers.get("main")).rejects.toMatchObject({ code: "not_found" });
  const { rows } = await t.audit.list({ limit: 10 });
  expect(rows.map(({ action, actor }) => `${action} ${actor}`).reverse()).toEqual([
    "tracker.create token:ada",
    "tracker.change token:ada",
    "tracker.pause token:eve",
    "tracker.resume token:eve",
    "tracker.remove token:ada",
  ]);
  const { rows: kept } = await t.database.pool.query("SELECT * FROM audit_entries");
  expect(JSON.stringify([kept, made, changed])).not.toContain(t.forge.token);
});

it("refuses what cannot work: no source of that kind, a source or name that is taken, no address", async () => {
  await expect(t.add({ source: "nowhere" })).rejects.toThrow(
    "yard sources create nowhere --kind gitea",
  );
  await t.inbox.sources.create({ name: "hub", kind: "github", secret: "x" }, "token:ada");
  await expect(t.add({ source: "hub" })).rejects.toThrow("of the kind github");
  await expect(t.add({ url: undefined })).rejects.toThrow("where the API of the gitea is");
  await t.add();
  await expect(t.add()).rejects.toMatchObject({
    code: "conflict",
    message: /tracker main already/,
  });
  await expect(t.add({ name: "other" })).rejects.toThrow("belongs to another tracker");
  await t.inbox.sources.remove("gitea");
  expect(await t.trackers.get("main")).toMatchObject({
    status: "unready",
    reason: /no source gitea/,
  });
});

it("lets nobody but an administrator have the server read a token, nor a token go to another address", async () => {
  const who = { by: "token:eve", isAdmin: false };
  await t.add();
  for (const token of [{ file: "/etc/passwd" }, { env: "YARD_MASTER_KEY" }, { secret: "db" }])
    await expect(t.trackers.change("main", { token }, who)).rejects.toMatchObject({
      code: "forbidden",
    });
  const url = "http://127.0.0.1:1/api/v1";
  await expect(t.trackers.change("main", { url }, who)).rejects.toThrow("say the token again");
  await t.trackers.change("main", { url, token: { value: "another" } }, who);
  await t.trackers.change("main", { token: { env: "GITEA_TOKEN" } }, t.who);
  expect(await t.trackers.get("main")).toMatchObject({ url, token: "env:GITEA_TOKEN" });
});

it("takes the address of a Gitea with or without the path of its API", async () => {
  const made = await t.add({ url: t.forge.url.replace("/api/v1", "/") });
  expect(made.url).toBe(t.forge.url);
});

it("reads an issue, its state and what blocks it", async () => {
  await t.add();
  const blocker = t.forge.open({ title: "First" });
  const issue = t.forge.open({ blockedBy: [blocker.number], assignees: ["mosaic"] });
  const tracker = await t.door.bySource("gitea");
  expect(await tracker?.issue(t.forge.project, issue.number)).toMatchObject({
    status: "open",
    issue: { number: 2, assignees: ["mosaic"] },
    raw: { html_url: expect.any(String) },
    blockedBy: [{ project: "mosaic/stack", number: 1, state: "open", title: "First" }],
  });
  t.forge.hasDependencies = false;
  t.forge.edit(issue.number, { state: "closed" });
  expect(await tracker?.issue(t.forge.project, issue.number)).toMatchObject({
    ...{ status: "closed", blockedBy: null, blockedByProblem: null },
  });
});

it("tells an issue that is not there from one that cannot be read", async () => {
  await t.add();
  const tracker = await t.door.find("main");
  expect(await tracker?.issue(t.forge.project, 99)).toEqual({
    ...{ status: "not_found", message: "mosaic/stack has no issue 99" },
  });
  expect(await tracker?.issue("mosaic/hidden", 1)).toMatchObject({ status: "unreadable" });
  t.forge.fault = (_, response) => {
    response.writeHead(429, { "retry-after": "7" }).end('{"message":"slow down"}');
    return "answered";
  };
  expect(await tracker?.issue(t.forge.project, 1)).toMatchObject({
    ...{ status: "unreadable", retryAfterMs: 7_000, message: expect.stringContaining("slow down") },
  });
  t.forge.fault = (_, response) => {
    response.writeHead(200, { "content-length": "100" }).write("[");
    setImmediate(() => response.destroy());
    return "answered";
  };
  expect(await tracker?.issue(t.forge.project, 1)).toMatchObject({ status: "unreadable" });
  expect(await t.door.find("nobody")).toBeUndefined();
});

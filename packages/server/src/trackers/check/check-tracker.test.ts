import type { TrackerCheckup } from "@yardmaster/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { startTrackers, type TestTrackers } from "../trackers.fixture.ts";

let db: TestDatabase;
let t: TestTrackers;
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  await t.close();
  await db.drop();
});

const said = ({ checks }: TrackerCheckup) =>
  checks.map(({ check, status, summary }) => `${check} ${status}: ${summary}`);

it("finds nothing wrong where webhooks come in and the token may do what it must", async () => {
  t = await startTrackers(db.url);
  await t.add();
  t.forge.hooks.push({
    active: true,
    events: ["issues"],
    config: { url: "http://yard/webhook/gitea" },
  });
  t.forge.open();
  await t.hear(1, "opened");
  const checkup = await t.trackers.check("main");
  expect(checkup).toMatchObject({ tracker: "main", status: "ok" });
  expect(said(checkup)).toEqual([
    expect.stringMatching(/^source ok: the source gitea takes deliveries; the last came at 2/),
    "token ok: the token is of mosaic",
    "project.mosaic/stack ok: mosaic/stack can be read",
    "hook.mosaic/stack ok: a hook posts to /webhook/gitea",
  ]);
});

it("says of a hook that has sent nothing yet who may have to allow this host", async () => {
  t = await startTrackers(db.url);
  await t.add();
  t.forge.hooks.push({
    active: true,
    events: ["issues"],
    config: { url: "http://yard/webhook/gitea" },
  });
  const { checks } = await t.trackers.check("main");
  expect(checks.at(-1)).toMatchObject({
    ...{ status: "warn", advice: expect.stringContaining("ALLOWED_HOST_LIST") },
  });
});

it("tells what is wrong with the token, the bot, a project and the hooks, each by its name", async () => {
  t = await startTrackers(db.url);
  await t.add({ bot: "robot", projects: ["mosaic/gone", "mosaic/stack"] });
  expect(said(await t.trackers.check("main"))).toEqual([
    "source ok: the source gitea takes deliveries; nothing has come in yet",
    expect.stringContaining("token warn: the token is of mosaic, and the bot is robot"),
    "project.mosaic/gone bad: there is no mosaic/gone, or the token may not see it",
    "project.mosaic/stack ok: mosaic/stack can be read",
    "hook.mosaic/stack bad: no hook of mosaic/stack posts to /webhook/gitea; one of its organization may",
  ]);
  await t.trackers.change("main", { token: { value: "wrong" } }, t.who);
  const [, token] = said(await t.trackers.check("main"));
  expect(token).toBe("token bad: GET /api/v1/user was answered 401: Bad credentials");
  await t.trackers.change("main", { token: { env: "UNSET" } }, t.who);
  expect(said(await t.trackers.check("main"))[1]).toBe("token bad: nothing is set at env:UNSET");
});

it("sees that the source refuses what the hook sends", async () => {
  t = await startTrackers(db.url);
  await t.add();
  t.forge.open();
  const { headers, body } = t.forge.webhook(1, "opened");
  const forged = { ...headers, "x-gitea-signature": "00".repeat(32) };
  await expect(t.inbox.receive({ source: "gitea", headers: forged, body })).rejects.toThrow();
  await expect
    .poll(async () => said(await t.trackers.check("main"))[0])
    .toMatch(/^source bad: the source gitea refuses what comes, 1 so far/);
});

it("reads from GitHub that a hook has no secret, or that its last delivery failed", async () => {
  t = await startTrackers(db.url, { forge: { kind: "github" } });
  await t.add();
  const hook = { active: true, events: ["issues"] };
  const url = "http://yard/webhook/github";
  t.forge.hooks.push({ ...hook, config: { url } });
  expect((await t.trackers.check("main")).checks.at(-1)?.summary).toContain("has no secret");
  const last_response = { code: 502, status: "misc_error", message: "Bad Gateway" };
  t.forge.hooks.splice(0, 1, { ...hook, config: { url, secret: "********" }, last_response });
  const { checks } = await t.trackers.check("main");
  expect(checks.at(-1)?.summary).toContain("failed: 502 Bad Gateway");
});

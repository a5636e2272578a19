import { createHmac } from "node:crypto";
import { SOURCE_KINDS } from "@yardmaster/kernel";
import type { JsonObject } from "@yardmaster/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startIntake, type TestIntake } from "../../../test/intake.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { sourceKinds } from "../kinds/index.ts";

const KEY = Buffer.alloc(24, 3);
const secretOf = (key: Buffer): string => `whsec_${key.toString("base64")}`;
const FILES = {
  "sources/bad.yaml": "source: bad\nkind: generic\nsecret: { env: BAD }\n",
  "rules/paid.yaml": "rule: t.paid\non: generic.invoice.*\nrun: core.noop\n",
};

let db: TestDatabase;
let t: TestIntake;
beforeAll(async () => {
  db = await createTestDatabase();
  t = await startIntake(db.url, { files: FILES, environment: { BAD: "hunter2" } });
  await t.inbox.sources.create({ name: "billing", kind: "generic", secret: secretOf(KEY) }, "test");
});
afterAll(async () => {
  await t?.close();
  await db?.drop();
});

function send(
  id: string,
  value: JsonObject,
  key = KEY,
  sentAtMs = Date.now(),
): Promise<JsonObject> {
  const body = Buffer.from(JSON.stringify(value));
  const at = String(Math.floor(sentAtMs / 1_000));
  const mac = createHmac("sha256", key).update(`${id}.${at}.`).update(body).digest("base64");
  const headers = {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": at,
    "webhook-signature": `v1,${mac}`,
  };
  return t.inbox.receive({ source: "billing", headers, body });
}

describe("a generic source", () => {
  it("is signed by Standard Webhooks, and its body's type names the event", async () => {
    const reply = await send("msg_1", { type: "invoice.paid", data: { id: 7 } });
    expect(reply).toEqual({
      status: "success",
      event: expect.any(String),
      type: "generic.invoice.paid",
    });
    const event = await t.events.detail(reply["event"] as string);
    expect(event.decisions).toMatchObject([{ rule: "t.paid", status: "matched" }]);
    expect(event).toMatchObject({ origin_id: "msg_1", source: "billing" });
  });

  it.each([
    {},
    { type: 7 },
    { type: "a b" },
    { type: "" },
    { type: "a..b" },
    { type: "x".repeat(151) },
  ])("has events of an unknown name where the body is %j", async (body) => {
    const reply = await send(`msg_${JSON.stringify(body).length}`, body);
    expect(reply["type"]).toBe("generic.unknown");
  });

  it("repeats by id and never by content", async () => {
    const first = await send("msg_2", { type: "a" });
    expect(await send("msg_2", { type: "a" })).toEqual(first);
    expect((await send("msg_3", { type: "a" }))["event"]).not.toBe(first["event"]);
  });

  it("refuses what was sent more than 5 minutes ago, replays included", async () => {
    await expect(send("msg_4", { type: "a" }, KEY, Date.now() - 302_000)).rejects.toMatchObject({
      code: "invalid_signature",
    });
  });

  it("takes both secrets while one is rotated", async () => {
    const newer = Buffer.alloc(24, 4);
    await t.inbox.sources.rotate("billing", secretOf(newer), 3_600_000);
    await send("msg_5", { type: "a" }, KEY);
    await send("msg_6", { type: "a" }, newer);
    await t.inbox.sources.rotate("billing", secretOf(KEY), 0);
    await expect(send("msg_7", { type: "a" }, newer)).rejects.toThrow("Invalid or missing");
  });

  it("takes no secret that is none of Standard Webhooks", async () => {
    const bad = { name: "x", kind: "generic", secret: "hunter2" };
    await expect(t.inbox.sources.create(bad, "test")).rejects.toMatchObject({
      code: "invalid_request",
      errors: [{ path: "/secret" }],
    });
    await expect(t.inbox.sources.rotate("billing", "hunter2", 0)).rejects.toMatchObject({
      code: "invalid_request",
    });
    expect(await t.inbox.sources.get("bad")).toMatchObject({
      status: "unready",
      has_secret: false,
      reason: expect.stringMatching(/^what is set at env:BAD is no secret of a generic source/),
    });
  });
});

it("packs and the API know the same kinds of source", () => {
  expect([...sourceKinds.keys()].sort()).toEqual([...SOURCE_KINDS].sort());
});

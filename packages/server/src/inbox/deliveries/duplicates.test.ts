import type { JsonObject } from "@yardmaster/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { issueBody, SECRET, startIntake, type TestIntake, webhook } from "../../../test/intake.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";

const FILES = {
  "rules/all.yaml": "rule: t.all\non: gitea.*\nrun: core.noop\n",
  "rules/posted.yaml": "rule: t.posted\non: com.example.*\nrun: core.noop\n",
};
const HOUR_MS = 3_600_000;

let db: TestDatabase;
let one: TestIntake;
let other: TestIntake;
let number = 0;
beforeAll(async () => {
  db = await createTestDatabase();
  one = await startIntake(db.url, { files: FILES });
  other = await startIntake(db.url);
  await one.inbox.sources.create({ name: "gitea", kind: "gitea", secret: SECRET }, "test");
});
afterAll(async () => {
  await one?.close();
  await other?.close();
  await db?.drop();
});
beforeEach(() => {
  number++;
  one.clock.nowMs = undefined;
});

const post = (body: JsonObject, delivery?: string, by = one) =>
  by.inbox.receive(webhook(body, delivery === undefined ? {} : { "x-gitea-delivery": delivery }));
const runsOf = async (event: unknown) => (await one.events.detail(event as string)).runs.length;
const duplicatesOf = async (event: unknown): Promise<number> => {
  const { delivery } = await one.events.detail(event as string);
  return ((delivery as JsonObject)["duplicates"] as string[]).length;
};

describe("a duplicate is kept, answered like the first, and starts nothing", () => {
  it("by the same delivery id, whatever its body", async () => {
    const id = `delivery-${number}`;
    const first = await post(issueBody(number), id);
    expect(await post(issueBody(number), id)).toEqual(first);
    const changed = await post(issueBody(number, "opened"), id);
    expect(changed["event"]).toBe(first["event"]);
    expect(await duplicatesOf(first["event"])).toBe(2);
    expect(await runsOf(first["event"])).toBe(1);
    const { rows } = await db.database.pool.query(
      "SELECT body FROM deliveries WHERE duplicate_of IS NOT NULL ORDER BY id DESC LIMIT 1",
    );
    expect(JSON.parse(rows[0].body.toString()).action).toBe("opened");
  });

  it("by the same body under a new id within 24 hours, and not after them", async () => {
    const startMs = Date.now() - 48 * HOUR_MS;
    one.clock.nowMs = startMs;
    const first = await post(issueBody(number), `a-${number}`);
    one.clock.nowMs = startMs + 24 * HOUR_MS - 1_000;
    expect(await post(issueBody(number), `b-${number}`)).toEqual(first);
    one.clock.nowMs = startMs + 24 * HOUR_MS + 1_000;
    const later = await post(issueBody(number), `c-${number}`);
    expect(later["event"]).not.toBe(first["event"]);
    expect(await post(issueBody(number), `c-${number}`)).toEqual(later);
  });

  it("by the same body without an id within 10 minutes, and not after them", async () => {
    const startMs = Date.now() - 48 * HOUR_MS;
    one.clock.nowMs = startMs;
    const first = await post(issueBody(number));
    one.clock.nowMs = startMs + 599_000;
    expect(await post(issueBody(number))).toEqual(first);
    one.clock.nowMs = startMs + 601_000;
    expect((await post(issueBody(number)))["event"]).not.toBe(first["event"]);
  });

  it("by the id of a delivery that was a duplicate itself", async () => {
    const first = await post(issueBody(number), `a-${number}`);
    await post(issueBody(number), `b-${number}`);
    const third = await post(issueBody(number, "opened"), `b-${number}`);
    expect(third["event"]).toBe(first["event"]);
    expect(await duplicatesOf(first["event"])).toBe(2);
  });

  it("when 20 come at once, over two processes", async () => {
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        post(issueBody(number), `at-once-${number}`, i % 2 === 0 ? one : other),
      ),
    );
    expect(new Set(replies.map((reply) => reply["event"])).size).toBe(1);
    const event = replies[0]?.["event"];
    expect(await runsOf(event)).toBe(1);
    expect(await duplicatesOf(event)).toBe(19);
    const decisions = await one.rules.decisionsOf(event as string);
    expect(decisions).toHaveLength(1);
  });

  it("when many pairs come at once over two processes, in opposite orders", async () => {
    const bodies = Array.from({ length: 60 }, (_, i) => issueBody(10_000 + number * 100 + i));
    const [left, right] = await Promise.all([
      Promise.all(bodies.map((body) => post(body, undefined, one))),
      Promise.all(bodies.toReversed().map((body) => post(body, undefined, other))),
    ]);
    const events = left?.map((reply) => reply["event"]);
    expect(right?.toReversed().map((reply) => reply["event"])).toEqual(events);
    expect(new Set(events).size).toBe(60);
  });

  it("but other sources and other bodies are other facts", async () => {
    await one.inbox.sources.create(
      { name: `gitea-${number}`, kind: "gitea", secret: SECRET },
      "test",
    );
    const first = await post(issueBody(number), `x-${number}`);
    const elsewhere = await one.inbox.receive({
      ...webhook(issueBody(number), { "x-gitea-delivery": `x-${number}` }),
      source: `gitea-${number}`,
    });
    expect(elsewhere["event"]).not.toBe(first["event"]);
    expect((await post(issueBody(number + 5_000)))["event"]).not.toBe(first["event"]);
  });

  it("of a posted CloudEvent by source and id", async () => {
    const from = { token: "me", headers: {}, body: Buffer.from("{}") };
    const event = {
      type: "com.example.a",
      source: "s",
      id: `e-${number}`,
      data: { n: 1 },
      extensions: null,
    };
    const [first, ...others] = await Promise.all(
      Array.from({ length: 10 }, () => one.inbox.acceptCloudEvent(event, from)),
    );
    const fresh = [first, ...others].filter((answer) => answer?.duplicateOf === null);
    expect(fresh).toHaveLength(1);
    expect(fresh[0]?.decisions).toMatchObject([{ rule: "t.posted", status: "matched" }]);
    expect(new Set([first, ...others].map((answer) => answer?.eventId)).size).toBe(1);
    expect(
      (await one.inbox.acceptCloudEvent({ ...event, source: "z" }, from)).duplicateOf,
    ).toBeNull();
    const { id: _, ...nameless } = event;
    expect((await one.inbox.acceptCloudEvent(nameless, from)).duplicateOf).toBeNull();
    expect((await one.inbox.acceptCloudEvent(nameless, from)).duplicateOf).toBeNull();
  });
});

import { randomBytes } from "node:crypto";
import {
  type Decision,
  isAppError,
  type Replayed,
  type ReplayReport,
  uuidV7,
} from "@yardmaster/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startIntake, type TestIntake } from "../../test/intake.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";

const FILES = {
  "rules/big.yaml":
    'rule: t.big\non: shop.sold\nif: event.data.n > 1\nrun: core.echo\nwith: { n: "${{ event.data.n }}" }\n',
  "rules/all.yaml": "rule: t.all\non: shop.*\nrun: core.noop\n",
};

let db: TestDatabase;
let t: TestIntake;
let other: TestIntake;
/** Decisions that replays of `t` were said to have made. */
const told: Decision[] = [];
beforeAll(async () => {
  db = await createTestDatabase();
  t = await startIntake(db.url, { files: FILES, onDecided: (made) => told.push(...made) });
  other = await startIntake(db.url);
});
afterAll(async () => {
  await t?.close();
  await other?.close();
  await db?.drop();
});

const newId = (): string => uuidV7(Date.now(), randomBytes(10));
const send = async (type: string, data: object, source = "s"): Promise<string> => {
  const event = { type, source, extensions: null, data: { ...data } };
  const from = { token: "me", headers: {}, body: Buffer.from("{}") };
  const { eventId } = await t.inbox.acceptCloudEvent(event, from);
  // Ids are in the order of time to the millisecond: the next one is of a later one.
  const sentAtMs = Date.now();
  await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(sentAtMs);
  return eventId;
};
const request = (more: object = {}) => ({ batch: newId(), dryRun: false, by: "token:me", ...more });
const runsOf = async (eventId: string) => (await t.test.engine.runs({ eventId, limit: 100 })).rows;
const thrown = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a replay", () => {
  it("judges an event again under the next number, by the rules as they are now", async () => {
    const event = await send("shop.sold", { n: 2 });
    expect(await runsOf(event)).toHaveLength(2);
    await t.rules.switchRule("t.all", false, "test");
    const first = await t.replays.replay(event, request());
    await t.rules.switchRule("t.all", true, "test");
    const second = await t.replays.replay(event, request());
    expect(first).toMatchObject({
      replay: 1,
      repeated: false,
      decisions: [
        { rule: "t.all", status: "held", run_id: null },
        { rule: "t.big", status: "matched" },
      ],
    });
    expect(second).toMatchObject({
      replay: 2,
      decisions: [{ status: "matched" }, { status: "matched" }],
    });
    expect(told.filter(({ event_id }) => event_id === event).map(({ status }) => status)).toEqual([
      "held",
      "matched",
      "matched",
      "matched",
    ]);
    const runs = await runsOf(event);
    expect(runs).toHaveLength(5);
    const decisions = await t.rules.decisionsOf(event);
    expect(
      decisions.map(({ rule, replay, status }) => `${rule} ${replay} ${status}`).sort(),
    ).toEqual([
      "t.all 0 matched",
      "t.all 1 held",
      "t.all 2 matched",
      "t.big 0 matched",
      "t.big 1 matched",
      "t.big 2 matched",
    ]);
    const { summary } = await t.rules.explainRule("t.big");
    expect(summary).toBe("It matched in 3 of 3 decisions.");
    expect(decisions.flatMap(({ run_id }) => run_id ?? []).sort()).toEqual(
      runs.map(({ id }) => id).sort(),
    );
  });

  it("can ask one rule; another type's rule and an unknown one are refused", async () => {
    const event = await send("shop.returned", { n: 5 });
    expect(await t.replays.replay(event, request({ rule: "t.all" }))).toMatchObject({
      decisions: [{ rule: "t.all", status: "matched" }],
    });
    const foreign = await thrown(t.replays.replay(event, request({ rule: "t.big" })));
    expect(isAppError(foreign) && [foreign.code, foreign.message]).toEqual([
      "conflict",
      "Rule t.big listens on shop.sold; the event is of type shop.returned.",
    ]);
    const unknown = await thrown(t.replays.replay(event, request({ rule: "t.bg" })));
    expect(isAppError(unknown) && unknown.message).toContain("Did you mean t.big?");
    const gone = await thrown(t.replays.replay(newId(), request()));
    expect(isAppError(gone) && gone.code).toBe("not_found");
  });

  it("says in a dry run what would be, and does nothing", async () => {
    const event = await send("shop.sold", { n: 9 });
    const before = await runsOf(event);
    expect(await t.replays.replay(event, request({ dryRun: true }))).toEqual({
      event_id: event,
      type: "shop.sold",
      replay: null,
      repeated: false,
      decisions: [
        expect.objectContaining({ rule: "t.all", status: "matched", run_id: null }),
        expect.objectContaining({ rule: "t.big", run: { ref: "core.echo", input: { n: 9 } } }),
      ],
    });
    expect(await runsOf(event)).toEqual(before);
    expect(await t.rules.decisionsOf(event)).toHaveLength(2);
  });

  it("is one for the same request, and one each for many at once in two processes", async () => {
    const event = await send("shop.sold", { n: 3 });
    const same = request();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? t : other).replays.replay(event, same)),
    );
    expect(new Set(answers.map(({ replay }) => replay))).toEqual(new Set([1]));
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(new Set(answers.map(({ decisions }) => JSON.stringify(decisions))).size).toBe(1);
    const many = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        (i % 2 === 0 ? t : other).replays.replay(event, request()),
      ),
    );
    expect(many.map(({ replay }) => replay).sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual([
      2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    ]);
    expect(await runsOf(event)).toHaveLength(2 + 2 * 11);
  });
});

describe("a bulk replay", () => {
  const page = async (more: object): Promise<ReplayReport> =>
    t.replays.replayMany({ ...request(), filter: {}, limit: 3, ...more });

  it("goes over what the filter means, the oldest first, in pages; sent again it does nothing twice", async () => {
    const sent: string[] = [];
    for (let n = 1; n <= 7; n++) sent.push(await send("shop.sold", { n }, "bulk"));
    await send("shop.sold", { n: 1 }, "elsewhere");
    await send("unheard.of", {}, "bulk");
    const late = await send("shop.sold", { n: 1 }, "bulk");
    // Made at the very moment at which this one arrived: it is not of the batch, and all before it are.
    const batch = late;
    const replayAll = async (dryRun: boolean): Promise<Replayed[]> => {
      const all: Replayed[] = [];
      let unheard = 0;
      let cursor: string | undefined;
      do {
        const report = await page({ filter: { source: "bulk" }, batch, dryRun, cursor });
        expect(report.events.length).toBeLessThanOrEqual(3);
        all.push(...report.events);
        unheard += report.unheard;
        cursor = report.next ?? undefined;
      } while (cursor !== undefined);
      expect(unheard).toBe(1);
      return all;
    };
    const dry = await replayAll(true);
    expect(dry.map(({ event_id }) => event_id)).toEqual(sent);
    expect(await runsOf(sent[0] ?? "")).toHaveLength(1);
    const done = await replayAll(false);
    expect(done.map(({ event_id, replay }) => [event_id, replay])).toEqual(
      sent.map((id) => [id, 1]),
    );
    const again = await replayAll(false);
    expect(again.every(({ repeated }) => repeated)).toBe(true);
    expect(again.map(({ decisions }) => decisions)).toEqual(done.map(({ decisions }) => decisions));
    expect(await runsOf(sent[0] ?? "")).toHaveLength(2);
    expect(await runsOf(sent[6] ?? "")).toHaveLength(4);
    expect(await runsOf(late)).toHaveLength(1);
  });

  it("goes over what a rule held, could not judge or never saw, and over nothing of it twice", async () => {
    const send3 = async (): Promise<string[]> => {
      const ids: string[] = [];
      for (const n of [2, 3, 0]) ids.push(await send("shop.sold", { n }, "paused"));
      return ids;
    };
    const judged = await send3();
    await t.rules.switchRule("t.big", false, "test");
    const held = await send3();
    await t.rules.switchRule("t.big", true, "test");
    const big = { filter: { source: "paused" }, rule: "t.big", limit: 10 };
    const asked = (more: object) => page({ ...big, ...more });
    const batch = newId();
    const first = await asked({ outcome: "held", batch });
    expect(first.events.map((event) => [event.event_id, event.decisions[0]?.status])).toEqual([
      [held[0], "matched"],
      [held[1], "matched"],
      [held[2], "not_matched"],
    ]);
    // An answer that did not arrive can be asked for again; another time nothing is held any more.
    const again = await asked({ outcome: "held", batch });
    expect(again.events.map(({ repeated }) => repeated)).toEqual([true, true, true]);
    expect((await asked({ outcome: "held" })).events).toEqual([]);
    expect(await runsOf(held[0] ?? "")).toHaveLength(2);
    expect(await runsOf(judged[0] ?? "")).toHaveLength(2);
    const matched = await asked({ outcome: "matched", dryRun: true });
    expect(matched.events.map(({ event_id }) => event_id)).toEqual([
      ...judged.slice(0, 2),
      ...held.slice(0, 2),
    ]);
    expect((await asked({ outcome: "unheard" })).events).toEqual([]);
  });
});

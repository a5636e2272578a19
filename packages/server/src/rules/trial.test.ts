import { isAppError } from "@yardmaster/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startIntake, type TestIntake } from "../../test/intake.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { trialEvent } from "../events/index.ts";
import { createTrials } from "./index.ts";

const BIG =
  'rule: t.big\non: shop.sold\nif: event.data.n > 1 && event.data.who.name.startsWith("A") && size(event.data.tags) == 1\nrun: t.take\nwith: { n: "${{ event.data.n }}" }\n';
const FILES = {
  "rules/big.yaml": BIG,
  "workflows/take.yaml":
    "workflow: t.take\ninput: { n: integer!, times: { type: integer, default: 3 } }\nsteps:\n  - { id: a, uses: core.noop }\n",
};
const NOW = "2026-01-01T00:00:00.000Z";

let db: TestDatabase;
let t: TestIntake;
beforeAll(async () => {
  db = await createTestDatabase();
  t = await startIntake(db.url, { files: FILES });
  expect(await t.packs.problems()).toEqual([]);
});
afterAll(async () => {
  await t?.close();
  await db?.drop();
});

const posted = (data: object, type = "shop.sold") => trialEvent({ type, data: { ...data } }, NOW);
const send = async (type: string, data: object): Promise<string> => {
  const event = { type, source: "s", extensions: null, data: { ...data } };
  const from = { token: "me", headers: {}, body: Buffer.from("{}") };
  return (await t.inbox.acceptCloudEvent(event, from)).eventId;
};
const errorsOf = async (work: Promise<unknown>) => {
  const error = await work.catch((thrown: unknown) => thrown);
  return isAppError(error)
    ? { code: error.code, errors: error.errors, text: error.message }
    : error;
};

describe("a trial of a rule", () => {
  it("says of each clause how it came out and what it saw, and the input with its defaults", async () => {
    const said = await t.trials.tryOn(
      { ref: "t.big" },
      posted({ n: 2, who: { name: "Ada" }, tags: ["x"] }),
    );
    expect(said).toEqual({
      rule: "t.big",
      listens: true,
      held: null,
      status: "matched",
      clause: null,
      reason: null,
      clauses: [
        clause("event.data.n > 1", "true", { "event.data.n": 2 }),
        clause('event.data.who.name.startsWith("A")', "true", { "event.data.who.name": "Ada" }),
        clause("size(event.data.tags) == 1", "true", { "event.data.tags": ["x"] }),
      ],
      run: { ref: "t.take", input: { n: 2, times: 3 } },
    });
    expect((await t.test.engine.runs({ limit: 10 })).rows).toEqual([]);
  });

  it("goes on behind the clause that decides, and names what is missing", async () => {
    const said = await t.trials.tryOn({ ref: "t.big" }, posted({ n: 1, who: {}, tags: 7 }, "a.b"));
    expect(said).toMatchObject({
      listens: false,
      status: "not_matched",
      clause: "event.data.n > 1",
      run: null,
    });
    expect(said.clauses.map(({ outcome }) => outcome)).toEqual(["false", "missing", "error"]);
    expect(said.clauses[1]?.values).toEqual([
      { path: "event.data.who.name", found: false, value: null, cut: false },
    ]);
  });

  it("says by what it would be held, and still what it makes of the event", async () => {
    await t.rules.switchRule("t.big", false, "token:me");
    const said = await t.trials.tryOn({ ref: "t.big" }, posted({ n: 1 }));
    expect(said).toMatchObject({
      status: "not_matched",
      held: expect.stringMatching(/^the rule is paused since .* by token:me$/),
    });
    await t.rules.switchRule("t.big", true, "token:me");
  });

  it("takes a file that is not loaded, within its pack, and refuses a broken one with its places", async () => {
    const path = "/elsewhere/new.yaml";
    const text = BIG.replace("t.big", "t.new").replace("> 1", "> 5");
    expect(await t.trials.tryOn({ path, text }, posted({ n: 4 }))).toMatchObject({
      rule: "t.new",
      clause: "event.data.n > 5",
    });
    // In place of the one that is loaded.
    const changed = { path, text: BIG.replace("> 1", "> 100") };
    expect(await t.trials.tryOn(changed, posted({ n: 4 }))).toMatchObject({
      rule: "t.big",
      clause: "event.data.n > 100",
    });
    const core = { path: "C:\\rules\\plain", text: "rule: brandnew.x\non: a.b\nrun: core.noop\n" };
    expect(await t.trials.tryOn(core, posted({}))).toMatchObject({ status: "matched" });
    const broken = { path, text: text.replace("t.take", "t.tak").replace("if: event", "if: evnt") };
    const refused = await errorsOf(t.trials.tryOn(broken, posted({})));
    expect(refused).toMatchObject({
      code: "invalid_request",
      errors: [
        { path: expect.stringMatching(/^\/elsewhere\/new\.yaml:3:/) },
        { path: expect.stringMatching(/^\/elsewhere\/new\.yaml:4:/) },
      ],
    });
    expect(await errorsOf(t.trials.tryOn({ path, text: "on: [" }, posted({})))).toMatchObject({
      code: "invalid_request",
    });
  });

  it("goes over history in bounded pieces, with counts, clauses and the first matches", async () => {
    const since = new Date(Date.now() - 60_000).toISOString();
    const sent: string[] = [];
    for (let n = 0; n < 12; n++)
      sent.push(
        await send("shop.sold", { n, who: { name: n % 2 === 0 ? "Ada" : "Bob" }, tags: [n] }),
      );
    await send("shop.sold", { n: "text" });
    await send("other.type", { n: 100 });
    const runs = (await t.test.engine.runs({ limit: 100 })).rows;
    const first = await t.trials.tryOnHistory({ ref: "t.big" }, { since, limit: 8, matches: 2 });
    expect(first).toMatchObject({
      rule: "t.big",
      judged: 8,
      matched: 3,
      not_matched: 5,
      error: 0,
      clauses: [
        { clause: 'event.data.who.name.startsWith("A")', count: 3 },
        { clause: "event.data.n > 1", count: 2 },
      ],
      matches: [
        { event_id: sent[2], run: { ref: "t.take", input: { n: 2, times: 3 } } },
        { event_id: sent[4] },
      ],
      next: sent[7],
    });
    const rest = { since, limit: 8, matches: 2, cursor: first.next ?? "" };
    expect(await t.trials.tryOnHistory({ ref: "t.big" }, rest)).toMatchObject({
      judged: 5,
      matched: 2,
      not_matched: 3,
      next: null,
    });
    const file = { path: "x.yaml", text: "rule: t.any\non: shop.*\nrun: core.noop\n" };
    const past = { since, limit: 100, matches: 0, until: since };
    expect(await t.trials.tryOnHistory(file, { ...past, until: undefined })).toMatchObject({
      judged: 13,
      matched: 13,
      matches: [],
    });
    expect(await t.trials.tryOnHistory(file, past)).toMatchObject({ judged: 0, next: null });
    expect((await t.test.engine.runs({ limit: 100 })).rows).toEqual(runs);
  });

  it("gives others the event loop between the events of history", async () => {
    const since = new Date().toISOString();
    for (let n = 0; n < 3; n++) await send("shop.sold", { n });
    let asked = 0;
    const slices = () => () => {
      asked++;
      return undefined;
    };
    const { rules, packs, events } = t;
    const trials = createTrials({ rules, packs, events, engine: t.test.engine, slices });
    const request = { since, limit: 100, matches: 2 };
    expect((await trials.tryOnHistory({ ref: "t.big" }, request)).judged).toBe(3);
    expect(asked).toBe(3);
  });
});

function clause(source: string, outcome: string, values: Record<string, unknown>) {
  return {
    clause: source,
    outcome,
    message: null,
    values: Object.entries(values).map(([path, value]) => ({
      path,
      found: true,
      value,
      cut: false,
    })),
  };
}

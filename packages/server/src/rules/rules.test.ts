import { AppError, isAppError } from "@yardmaster/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { issueBody, SECRET, startIntake, type TestIntake, webhook } from "../../test/intake.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import { createRules } from "./index.ts";

const rule = (name: string, rest: string): string =>
  `rule: t.${name}\non: gitea.issue_assign\n${rest}\n`;
const FILES = {
  "rules/matches.yaml": rule(
    "matches",
    `if: event.data.issue.assignee.login == "mosaic" && event.data.issue.number > 100\nrun: core.echo\nwith: { title: "\${{ event.data.issue.title }}" }`,
  ),
  "rules/clause.yaml": rule(
    "clause",
    `if: event.source == "gitea" && event.data.issue.state == "closed" && event.data.sender.id == 1\nrun: core.echo`,
  ),
  "rules/missing.yaml": rule(
    "missing",
    `if: event.data.issue.milestone.title == "v1"\nrun: core.echo`,
  ),
  "rules/badwith.yaml": rule(
    "badwith",
    `run: core.echo\nwith: { x: "\${{ event.data.nothing.here }}" }`,
  ),
  "rules/badinput.yaml": rule(
    "badinput",
    `run: core.sleep\nwith: { duration: "\${{ event.data.issue.title }}" }`,
  ),
  "rules/division.yaml": rule(
    "division",
    `if: 1 / (event.data.number - event.data.number) > 0\nrun: core.echo`,
  ),
  "rules/off.yaml": rule("off", "run: core.echo\nenabled: false"),
  "rules/quoting.yaml":
    "rule: t.quoting\non: gitea.issues\nif: event.data.issue[event.data.issue.title] == 1\nrun: core.noop\n",
  "rules/never.yaml": "rule: t.never\non: gitea.isues\nrun: core.noop\n",
  "rules/switched.yaml": "rule: t.switched\non: gitea.push\nrun: core.noop\n",
};

let db: TestDatabase;
let t: TestIntake;
let other: TestIntake;
beforeAll(async () => {
  db = await createTestDatabase();
  t = await startIntake(db.url, { files: FILES });
  other = await startIntake(db.url);
  expect(await t.packs.problems()).toEqual([]);
  await t.inbox.sources.create({ name: "gitea", kind: "gitea", secret: SECRET }, "test");
});
afterAll(async () => {
  await t?.close();
  await other?.close();
  await db?.drop();
});

const post = async (body: Parameters<typeof webhook>[0], by = t): Promise<string> =>
  (await by.inbox.receive(webhook(body)))["event"] as string;
const push = (after: string, by = t): Promise<string> =>
  post({ ref: "refs/heads/main", after, commits: [] }, by);

describe("rules", () => {
  it("judge one event each by itself, and every outcome is recorded with its cause", async () => {
    const event = await post(issueBody(161));
    const said = await t.rules.decisionsOf(event);
    const byRule = Object.fromEntries(said.map((decision) => [decision.rule, decision]));
    expect(Object.keys(byRule)).toHaveLength(7);
    expect(byRule["t.matches"]).toMatchObject({
      status: "matched",
      clause: null,
      reason: null,
      replay: 0,
    });
    expect(byRule["t.clause"]).toMatchObject({
      status: "not_matched",
      clause: `event.data.issue.state == "closed"`,
      reason: null,
    });
    expect(byRule["t.missing"]).toMatchObject({
      status: "not_matched",
      clause: `event.data.issue.milestone.title == "v1"`,
      reason: expect.stringMatching(/^event\.data\.issue\.milestone.* is missing$/),
    });
    expect(byRule["t.badwith"]).toMatchObject({
      status: "error",
      reason: expect.stringContaining("event.data.nothing"),
    });
    expect(byRule["t.badinput"]).toMatchObject({
      status: "error",
      reason: expect.stringContaining("duration"),
    });
    expect(byRule["t.division"]).toMatchObject({
      status: "error",
      clause: expect.stringContaining("1 / ("),
    });
    expect(byRule["t.off"]).toMatchObject({
      status: "held",
      reason: "the rule is off in its pack (`enabled: false`)",
    });

    const { runs, traceparent } = await t.events.detail(event);
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({
      id: byRule["t.matches"]?.run_id,
      rule: "t.matches",
      event_id: event,
      traceparent,
      input: { title: "Issue 161" },
      created_by: "rule:t.matches",
    });
    expect(await t.test.engine.waitForEnd(runs[0]?.id as string, 10_000)).toMatchObject({
      status: "success",
    });
  });

  it("name the clause that failed, also where an earlier one held", async () => {
    const event = await post(issueBody(5));
    const { rows } = await t.rules.decisions({ event, rule: "t.matches", limit: 10 });
    expect(rows).toMatchObject([
      { status: "not_matched", clause: "event.data.issue.number > 100" },
    ]);
  });

  it("that quote what strangers sent do not break the record", async () => {
    const event = await post(`{"action":"opened","issue":{"number":1,"title":"a\\u0000\\ud800"}}`);
    const [decision] = await t.rules.decisionsOf(event);
    expect(decision).toMatchObject({ rule: "t.quoting", status: "not_matched" });
    expect(decision?.reason).toContain("is missing");
  });

  it("whose reason holds a NUL or is very long are recorded without either", async () => {
    const prepare = () => {
      throw new AppError("invalid_input", `\u0000${"x".repeat(10_000)}`);
    };
    const { packs, database } = t;
    const rules = createRules({
      database,
      packs,
      engine: { ...t.test.engine, prepare },
      newId: () => "",
      now: Date.now,
    });
    const event = await t.events.find(await push("nul"));
    const { decisions } = await rules.judge(event as NonNullable<typeof event>);
    expect(decisions[0]?.reason).toMatch(/^\ufffdx{3999} … \(10001 characters\)$/);
  });

  it("switched on and off in one process are never stale in another", async () => {
    for (let i = 0; i < 100; i++) {
      const on = i % 2 === 1;
      await t.rules.switchRule("t.switched", on, "test");
      const event = await push(`toggle-${i}`, i % 3 === 0 ? t : other);
      const [decision] = await t.rules.decisionsOf(event);
      expect(decision, `toggle ${i}`).toMatchObject(
        on ? { status: "matched" } : { status: "held" },
      );
      expect(decision?.run_id === null).toBe(!on);
    }
  });

  it("switched while events pour in start at most one run for each event, and lose none", async () => {
    const events = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        if (i % 10 === 0) await t.rules.switchRule("t.switched", i % 20 === 0, "test");
        return push(`pour-${i}`, i % 2 === 0 ? t : other);
      }),
    );
    expect(new Set(events).size).toBe(100);
    for (const event of events) {
      const [decision, ...more] = await t.rules.decisionsOf(event);
      expect(more).toEqual([]);
      const runs = (await t.test.engine.runs({ eventId: event, limit: 10 })).rows;
      expect(runs.map((run) => run.id)).toEqual(
        decision?.run_id === null ? [] : [decision?.run_id],
      );
    }
    await t.rules.switchRule("t.switched", true, "test");
  });

  it("are listed with their state; an unknown one is answered with the nearest", async () => {
    expect((await t.rules.list()).map((one) => one.rule)).toEqual(
      Object.keys(FILES)
        .map((file) => `t.${file.slice(6, -5)}`)
        .sort(),
    );
    expect((await t.rules.list()).find((one) => one.rule === "t.matches")).toMatchObject({
      status: "active",
      by: "pack:t",
      since: t.packs.active()[0]?.activatedAt,
      matched: { count: expect.any(Number), at_least: false, last_at: expect.any(String) },
    });
    expect((await t.rules.list()).find((one) => one.rule === "t.off")).toMatchObject({
      status: "off",
      matched: { count: 0, at_least: false, last_at: null },
      on: "gitea.issue_assign",
      run: "core.echo",
    });
    const error = await t.rules
      .switchRule("t.swiched", true, "test")
      .catch((thrown: unknown) => thrown);
    expect(isAppError(error) && error.message).toContain("Did you mean t.switched?");
  });
});

describe("decisions", () => {
  it("are paged without gap or repeat, filtered by rule and status", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await t.rules.decisions({ limit: 7, cursor });
      seen.push(...page.rows.map((row) => row.id));
      cursor = page.next;
    } while (cursor !== undefined);
    const { rows } = await t.database.pool.query("SELECT count(*) AS n FROM decisions");
    expect(seen).toHaveLength(rows[0].n);
    expect(new Set(seen).size).toBe(seen.length);
    const held = await t.rules.decisions({ limit: 200, status: "held", rule: "t.off" });
    expect(held.rows.length).toBeGreaterThan(0);
    expect(held.rows.every((row) => row.rule === "t.off" && row.status === "held")).toBe(true);
    const error = await t.rules
      .decisions({ limit: 7, cursor: "nonsense" })
      .catch((thrown: unknown) => thrown);
    expect(isAppError(error) && error.code).toBe("invalid_cursor");
  });
});

describe("the explanation of an event", () => {
  const explain = async (id: string) => {
    const event = await t.events.find(id);
    if (event === undefined) throw new Error(`no event ${id}`);
    return t.rules.explain(event);
  };

  it("says of each rule what it made of it", async () => {
    const said = await explain(await post(issueBody(200)));
    expect(said.status).toBe("matched");
    expect(said.rules).toHaveLength(7);
    expect(said.chain.join("\n")).toContain(
      'Rule t.clause did not match: `event.data.issue.state == "closed"` did not hold.',
    );
    expect(said.unblock.join("\n")).toContain("yard rules resume t.off");
  });

  it("says what would move it by what its rules said last, and whether they judge now", async () => {
    const event = await post(issueBody(201));
    const request = { batch: event, rule: "t.off", dryRun: false, by: "test" };
    expect((await explain(event)).unblock.join("\n")).toContain(
      `Resume the rule (yard rules resume t.off), then replay the event: yard events replay ${event} --rule t.off.`,
    );
    await t.rules.switchRule("t.off", true, "test");
    expect((await explain(event)).unblock.join("\n")).toContain("Rule t.off judges again");
    await t.replays.replay(event, request);
    expect((await explain(event)).unblock.join("\n")).not.toContain("t.off");
    await t.rules.switchRule("t.off", false, "test");
  });

  it("names the nearest types where no rule listens", async () => {
    const said = await explain(await post({ action: "label_updated", issue: { number: 3 } }));
    expect(said).toMatchObject({
      status: "unheard",
      summary: "No rule listens on gitea.issue_label.",
      rules: [],
    });
    expect(said.chain.join("\n")).toContain("gitea.issue_assign");
  });
});

describe("the explanation of a rule", () => {
  it("says that it is held, and by whom", async () => {
    await t.rules.switchRule("t.switched", false, "token:ada");
    const said = await t.rules.explainRule("t.switched");
    expect(said).toMatchObject({ rule: "t.switched", status: "paused" });
    expect(said.summary).toMatch(/^It starts nothing: the rule is paused since .* by token:ada\.$/);
    expect(said.unblock).toContain("Resume it: yard rules resume t.switched.");
    await t.rules.switchRule("t.switched", true, "token:ada");
  });

  it("names the clause that fails most, and the last decision of each outcome", async () => {
    const last = await post(issueBody(202));
    const said = await t.rules.explainRule("t.clause");
    expect(said.breaks).toBe(false);
    expect(said.clauses).toMatchObject([{ clause: 'event.data.issue.state == "closed"' }]);
    expect(said.summary).toMatch(
      /^It matched in none of \d+ decisions; most often `event\.data\.issue\.state == "closed"` did not hold\.$/,
    );
    expect(said.chain.join("\n")).toContain(`It did not match last on event ${last}`);
    expect(said.unblock.join("\n")).toContain(`yard rules test t.clause --event ${last}`);
  });

  it("says what is wrong with one that breaks", async () => {
    const said = await t.rules.explainRule("t.badwith");
    expect(said).toMatchObject({ status: "active", breaks: true });
    expect(said.summary).toMatch(/^It could not be judged: (\d+) of \1 times, the last one too\.$/);
    expect(said.unblock.join("\n")).toContain("event.data.nothing");
  });

  it("says that nothing has come for one that had nothing to judge", async () => {
    const said = await t.rules.explainRule("t.never");
    expect(said.summary).toBe("It had nothing to judge: no event of type gitea.isues has come.");
    expect(said.chain.join("\n")).toContain("Other rules listen on gitea.issues, ");
  });
});

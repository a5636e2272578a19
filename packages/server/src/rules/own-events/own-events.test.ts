import { randomBytes } from "node:crypto";
import { isJsonObject, type Json, uuidV7 } from "@yardmaster/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startIntake, type TestIntake } from "../../../test/intake.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/test-database.ts";
import { silentLog } from "../../db/index.ts";
import { type Feed, type RunRecord, settleRestored } from "../../engine/index.ts";
import type { EventView } from "../../events/index.ts";
import { createStretches } from "./make-stretch.ts";
import { createOwnEvents } from "./own-events.ts";
import { movePlace, readPlace } from "./place.store.ts";
import { type Stretch, stretchPart } from "./settle-part.ts";

const rule = (name: string, rest: string): string =>
  `rule: t.${name}\non: yard.run.finished\n${rest}\n`;
/** Tells of failed runs only, and so of none of its own. */
const TELL = rule(
  "tell",
  `if: event.data.ref != "core.noop"\nrun: core.noop\nwith: { about: "\${{ event.data.run }}" }`,
);
/** A run that has a run for its step. */
const OUTER = {
  "workflows/outer.yaml": "workflow: t.outer\nsteps: [{ id: a, uses: t.inner }]\n",
  "workflows/inner.yaml": "workflow: t.inner\nsteps: [{ id: a, uses: core.noop }]\n",
};
const newId = (): string => uuidV7(Date.now(), randomBytes(10));
const PATIENCE = { interval: 20 };

let db: TestDatabase;
const open: TestIntake[] = [];
beforeEach(async () => {
  db = await createTestDatabase();
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  await db.drop();
});

async function start(
  rules: Record<string, string> = {},
  options: {
    readonly loopDepth?: number;
    readonly ownEvents?: boolean;
    readonly files?: Record<string, string>;
  } = {},
): Promise<TestIntake> {
  const files = Object.fromEntries(
    Object.entries(rules).map(([name, text]) => [`rules/${name}.yaml`, text]),
  );
  const all = { ...files, ...options.files };
  const intake = await startIntake(db.url, { ownEvents: true, ...options, files: all });
  open.push(intake);
  expect(await intake.packs.problems()).toEqual([]);
  return intake;
}

const partsOf = (t: TestIntake) => {
  const { pool } = t.database;
  return { pool, rules: t.rules, log: silentLog, newId, now: Date.now };
};

/** Own events of a process for which something happens just as it reads the feed. */
const ownEventsOver = (t: TestIntake, feed: Partial<Feed>) => {
  const { engine } = t.test;
  return createOwnEvents({
    ...partsOf(t),
    engine: { ...engine, feed: { ...engine.feed, ...feed } },
  });
};

/** Resolves when everything that has happened until now is settled. */
async function settled(t: TestIntake): Promise<void> {
  await vi.waitFor(async () => {
    const { rows } = await t.database.pool.query("SELECT cursor FROM own_event_place");
    const { gap, items } = await t.test.engine.feed.read(rows[0].cursor, 1_000);
    expect(gap || items.some(({ change }) => change.type === "run.finished")).toBe(false);
  }, PATIENCE);
}

const field = (value: Json, name: string): unknown =>
  isJsonObject(value) ? value[name] : undefined;

async function told(t: TestIntake): Promise<readonly EventView[]> {
  return (await t.events.list({ type: "yard.run.finished", limit: 200 })).rows;
}

/** Of runs that no rule started, newest first. */
async function toldOfEcho(t: TestIntake): Promise<readonly EventView[]> {
  return (await told(t)).filter(({ data }) => field(data, "ref") === "core.echo");
}

describe("a finished run", () => {
  it("becomes an event that starts what a rule says, with all that the run says of itself", async () => {
    const t = await start({ tell: TELL });
    await settled(t);
    const run = await t.test.finish("core.fail", { message: "no luck" });
    const event = await vi.waitFor(async () => {
      const [one] = (await t.events.list({ subject: run.id, limit: 1 })).rows;
      expect(one).toBeDefined();
      return one as EventView;
    }, PATIENCE);
    expect(event).toMatchObject({
      type: "yard.run.finished",
      source: "yard",
      subject: run.id,
      time: run.finished_at,
      depth: 1,
      caused_by: null,
      data: {
        run: run.id,
        ref: "core.fail",
        status: "failed",
        output: null,
        error: run.error,
        created_by: "test",
        rule: null,
        event_id: null,
        duration_ms: Date.parse(run.finished_at ?? "") - Date.parse(run.created_at),
      },
    });
    const { runs, decisions } = await t.events.detail(event.id);
    expect(decisions).toMatchObject([{ rule: "t.tell", status: "matched", replay: 0 }]);
    expect(runs).toMatchObject([
      {
        rule: "t.tell",
        event_id: event.id,
        input: { about: run.id },
        traceparent: event.traceparent,
      },
    ]);
  });

  it("is passed over where it ended before a rule listened", async () => {
    const t = await start({ tell: `${TELL}enabled: false\n` }, { ownEvents: false });
    await t.test.finish("core.echo");
    await t.rules.switchRule("t.tell", true, "test");
    await start();
    const after = await t.test.finish("core.echo");
    await vi.waitFor(async () => expect(await toldOfEcho(t)).toHaveLength(1), PATIENCE);
    expect((await toldOfEcho(t))[0]).toMatchObject({ subject: after.id });
  });

  it("leaves no row where no rule listens, or those that do are paused", async () => {
    const t = await start({ tell: TELL, other: "rule: t.other\non: a.b\nrun: core.noop\n" });
    await settled(t);
    await t.rules.switchRule("t.tell", false, "test");
    await t.test.finish("core.echo");
    await vi.waitFor(async () => {
      const { rows } = await t.database.pool.query("SELECT listening FROM own_event_place");
      expect(rows).toEqual([{ listening: {} }]);
    }, PATIENCE);
    await t.rules.switchRule("t.tell", true, "test");
    const after = await t.test.finish("core.echo");
    await vi.waitFor(async () => expect(await toldOfEcho(t)).not.toEqual([]), PATIENCE);
    expect((await toldOfEcho(t)).map(({ subject }) => subject)).toEqual([after.id]);
  });

  it("is told where it ended just as a process that knew of no rule came to rest", async () => {
    const t = await start({ tell: `${TELL}enabled: false\n` }, { ownEvents: false });
    const meanwhile: RunRecord[] = [];
    const own = ownEventsOver(t, {
      head: async () => {
        await t.rules.switchRule("t.tell", true, "test");
        meanwhile.push(await t.test.finish("core.echo"));
        return t.test.engine.feed.head();
      },
    });
    await vi.waitFor(async () => expect(await toldOfEcho(t)).toHaveLength(1), PATIENCE);
    expect((await toldOfEcho(t))[0]?.subject).toBe(meanwhile[0]?.id);
    await own.close();
  });

  it("becomes one event, whichever of several processes makes it, and through their restarts", async () => {
    const t = await start({ tell: TELL });
    await start();
    const ids: string[] = [];
    for (let round = 0; round < 4; round++) {
      const passing = await start();
      ids.push(...(await Promise.all(Array.from({ length: 25 }, () => t.test.start("core.echo")))));
      open.splice(open.indexOf(passing), 1);
      await passing.close();
    }
    await Promise.all(ids.map((id) => t.test.engine.waitForEnd(id, 10_000)));
    await vi.waitFor(async () => {
      const about = await toldOfEcho(t);
      expect(about.map(({ subject }) => subject).sort()).toEqual([...ids].sort());
    }, PATIENCE);
    const runs = (await t.test.engine.runs({ limit: 300 })).rows.filter(
      (run) => run.rule === "t.tell",
    );
    expect(runs.map((run) => field(run.input, "about")).sort()).toEqual([...ids].sort());
  });

  it("is not lost while nobody is there to tell of it", async () => {
    const t = await start({ tell: TELL });
    await settled(t);
    await t.ownEvents?.close();
    const run = await t.test.finish("core.echo");
    expect(await told(t)).toEqual([]);
    const next = await start();
    await vi.waitFor(async () => expect(await toldOfEcho(next)).toHaveLength(1), PATIENCE);
    expect((await toldOfEcho(next))[0]).toMatchObject({ subject: run.id });
  });
});

describe("what stands in the way", () => {
  it("is passed by: a run that cannot be written is an error of its decision, and the next are told", async () => {
    const t = await start({ tell: TELL }, { ownEvents: false });
    const { engine } = t.test;
    const bad = await t.test.finish("core.echo", { bad: true });
    const good = await t.test.finish("core.noop");
    const own = createOwnEvents({
      ...partsOf(t),
      engine: {
        ...engine,
        commit: (unit) =>
          unit.runs.length > 0 ? Promise.reject(new Error("no such thing")) : engine.commit(unit),
      },
    });
    await vi.waitFor(async () => expect(await told(t)).toHaveLength(2), PATIENCE);
    await own.close();
    expect((await told(t)).map(({ subject }) => subject)).toEqual([good.id, bad.id]);
    expect((await t.rules.decisions({ status: "error", limit: 10 })).rows).toMatchObject([
      { rule: "t.tell", run_id: null, reason: "the run cannot be written: no such thing" },
    ]);
  });

  it("is no loop that goes through steps: the run of a step stands as deep as the run that it is part of", async () => {
    const t = await start({}, { ownEvents: false });
    const event = await t.inbox.acceptCloudEvent(
      { type: "x.y", extensions: null, data: null },
      { token: "me", headers: {}, body: Buffer.from("{}") },
    );
    await t.database.pool.query("UPDATE events SET depth = 5");
    const run = await t.test.finish("core.noop");
    const records: Record<string, RunRecord> = {
      child: { ...run, id: "child", parent_id: "parent" },
      parent: { ...run, id: "parent", retry_of: "first" },
      first: { ...run, id: "first", event_id: event.eventId },
    };
    const { pool } = t.database;
    const engine = { run: async (id: string) => records[id], inquiry: async () => undefined };
    const make = createStretches({ pool, engine, rules: t.rules, newId });
    const change = { type: "run.finished", id: "child" } as const;
    const unit = await make([{ cursor: "", at: "", change }], { from: "a", to: "b", revision: 1 });
    expect(unit?.part?.row).toMatchObject({
      events: [{ event: { depth: 6, causedBy: event.eventId } }],
    });
  });
});

describe("the commit of own events", () => {
  it("writes nothing for who is late or knows old rules, and says again that it is done", async () => {
    const t = await start({ tell: TELL }, { ownEvents: false });
    const { pool } = t.database;
    await pool.query(
      `UPDATE own_event_place SET cursor = 'a', listening = '{"yard.run.finished": "2026"}'`,
    );
    const { revision } = await t.rules.current();
    const stretch = (from: string, to: string): Stretch => {
      return { opId: newId(), from, to, revision, events: [], decisions: [] };
    };
    const apply = (one: Stretch) =>
      t.database.withTransaction((client) => stretchPart.apply(client, [one]));
    const first = stretch("a", "b");
    expect(await apply({ ...first, revision: revision - 1 })).toEqual([{ refused: "stale_rules" }]);
    expect(await apply(first)).toEqual(["ok"]);
    expect(await apply(first)).toEqual(["ok"]);
    expect(await apply(stretch("a", "b"))).toEqual([{ refused: "moved" }]);
    const from = await readPlace(pool);
    const to = { cursor: "c", listening: {} };
    expect(await movePlace(pool, from, to, revision - 1)).toBe(false);
    expect(await movePlace(pool, { ...from, cursor: "a" }, to, revision)).toBe(false);
    expect((await pool.query("SELECT cursor FROM own_event_place")).rows).toEqual([
      { cursor: "b" },
    ]);
  });
});

describe("a loop", () => {
  it("is cut at its depth; the decision names the chain", async () => {
    const t = await start(
      { ping: rule("ping", "run: core.noop"), only: "rule: t.only\non: x.y\nrun: core.echo\n" },
      { loopDepth: 3 },
    );
    await settled(t);
    const answer = await t.inbox.acceptCloudEvent(
      { type: "x.y", extensions: null, data: null },
      { token: "me", headers: {}, body: Buffer.from("{}") },
    );
    const held = await vi.waitFor(async () => {
      const [one] = (await t.rules.decisions({ status: "held", limit: 10 })).rows;
      expect(one).toBeDefined();
      return one;
    }, PATIENCE);
    expect(held?.reason).toBe(
      "a loop is cut: 4 runs stand behind the event, and at most 3 may follow from one another (YARD_LOOP_DEPTH): x.y → t.only → t.ping → t.ping → t.ping → t.ping",
    );
    const last = await t.events.find(held?.event_id ?? "");
    expect(last).toMatchObject({ depth: 4 });
    expect((await told(t)).map(({ depth }) => depth)).toEqual([4, 3, 2, 1]);
    expect((await told(t)).at(-1)).toMatchObject({ caused_by: answer.eventId });
    expect((await t.test.engine.runs({ limit: 10 })).rows).toHaveLength(4);
    const said = await t.rules.explain(last as NonNullable<typeof last>);
    expect(said.chain.join("\n")).toContain("a loop is cut");
    expect(said.unblock.join("\n")).toContain("Break the loop");
  });

  it("is cut too where the runs send the events themselves, from a step of a workflow as well", async () => {
    const t = await start(
      { again: "rule: t.again\non: x.*\nrun: t.outer\n" },
      { loopDepth: 2, files: OUTER, ownEvents: false },
    );
    const post = async (type: string, tracestate?: string) => {
      const headers = tracestate === undefined ? {} : { tracestate };
      return await t.inbox.acceptCloudEvent(
        { type, extensions: null, data: null },
        { token: "me", headers, body: Buffer.from("{}") },
      );
    };
    // What a program posts has the `tracestate` of its attempt, whose run is a step of the one that a rule started.
    const innerOf = async (parent: string) => {
      const runs = () => t.test.engine.runs({ parentId: parent, limit: 10 });
      await expect.poll(async () => (await runs()).rows.length, PATIENCE).toBe(1);
      return (await runs()).rows[0]?.id ?? "";
    };
    let answer = await post("x.0");
    for (const n of [1, 2]) {
      expect(answer.decisions).toMatchObject([{ status: "matched" }]);
      const inner = await innerOf(answer.decisions[0]?.run_id ?? "");
      answer = await post(`x.${n}`, `other=1,yard=${inner}`);
    }
    const inner = await innerOf(answer.decisions[0]?.run_id ?? "");
    const last = await post("x.3", `yard=${inner}`);
    expect(last.decisions).toMatchObject([
      {
        status: "held",
        reason:
          "a loop is cut: 3 runs stand behind the event, and at most 2 may follow from one another (YARD_LOOP_DEPTH): x.0 → x.1 → x.2 → x.3 → t.again",
      },
    ]);
    // Two events of one run stand side by side; the run of another installation is none of ours.
    for (const tracestate of [`yard=${newId()}`, "yard=x"])
      expect((await post("x.4", tracestate)).decisions).toMatchObject([{ status: "matched" }]);
  });
});

describe("a change of a node", () => {
  const ON_GONE = `rule: t.gone\non: yard.node.disconnected\nif: event.data.node == "lab-7"\nrun: core.noop\nwith: { about: "\${{ event.subject }}" }\n`;
  const gone = (t: TestIntake, node: string) =>
    t.test.engine.commit({
      runs: [],
      announce: [{ type: "node.disconnected", id: "id-of-it", node, reason: "its link was lost" }],
    });

  it("becomes an event that starts what a rule says", async () => {
    const t = await start({ gone: ON_GONE });
    await settled(t);
    await gone(t, "lab-7");
    await gone(t, "lab-8");
    const events = await vi.waitFor(async () => {
      const { rows } = await t.events.list({ type: "yard.node.disconnected", limit: 10 });
      expect(rows).toHaveLength(2);
      return rows;
    }, PATIENCE);
    const about = events.find(({ subject }) => subject === "lab-7");
    expect(about).toMatchObject({
      source: "yard",
      data: { node_id: "id-of-it", node: "lab-7", reason: "its link was lost" },
    });
    const { runs } = await t.events.detail(about?.id ?? "");
    expect(runs).toMatchObject([{ rule: "t.gone", input: { about: "lab-7" } }]);
  });

  it("is told to a rule that came after others had long listened on ended runs, and none from before", async () => {
    const t = await start({ tell: TELL, gone: `${ON_GONE}enabled: false\n` });
    await settled(t);
    await t.test.finish("core.echo");
    await vi.waitFor(async () => expect(await toldOfEcho(t)).toHaveLength(1), PATIENCE);
    await gone(t, "lab-7");
    await settled(t);
    await t.ownEvents?.close();
    await t.rules.switchRule("t.gone", true, "test");
    await gone(t, "lab-7");
    await start();
    const { rows } = await vi.waitFor(async () => {
      const { rows } = await t.events.list({ type: "yard.node.disconnected", limit: 10 });
      expect(rows.length).toBeGreaterThan(0);
      return { rows };
    }, PATIENCE);
    expect(rows).toHaveLength(1);
  });

  it("is read again where it was passed over just before a rule that listens on it was known", async () => {
    const t = await start({ tell: TELL, gone: `${ON_GONE}enabled: false\n` }, { ownEvents: false });
    let isSwitched = false;
    const own = ownEventsOver(t, {
      read: async (cursor, limit) => {
        if (!isSwitched) {
          isSwitched = true;
          await t.rules.switchRule("t.gone", true, "test");
          await gone(t, "lab-7");
        }
        return t.test.engine.feed.read(cursor, limit);
      },
    });
    await vi.waitFor(async () => {
      const { rows } = await t.events.list({ type: "yard.node.disconnected", limit: 10 });
      expect(rows).toHaveLength(1);
    }, PATIENCE);
    await own.close();
  });

  it("is told once, as a finished run is, through a move of the database, and nothing is warned of", async () => {
    const t = await start({ tell: TELL, gone: ON_GONE });
    const gonesOf = async ({ events }: TestIntake) =>
      (await events.list({ type: "yard.node.disconnected", limit: 10 })).rows.map(
        ({ subject }) => subject,
      );
    const first = await t.test.finish("core.echo");
    await gone(t, "lab-7");
    await vi.waitFor(async () => expect(await toldOfEcho(t)).toHaveLength(1), PATIENCE);
    await vi.waitFor(async () => expect(await gonesOf(t)).toEqual(["lab-7"]), PATIENCE);
    await settled(t);
    await t.ownEvents?.close();
    await gone(t, "lab-8");
    const second = await t.test.finish("core.echo");
    await t.database.pool.query("UPDATE installation SET place = 'elsewhere'");
    expect(await settleRestored(t.database)).toBe(true);
    const next = await start({}, { ownEvents: false });
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (_: object, what: string) => void warnings.push(what) };
    const own = createOwnEvents({ ...partsOf(next), engine: next.test.engine, log });
    await vi.waitFor(async () => {
      const about = await toldOfEcho(next);
      expect(about.map(({ subject }) => subject)).toEqual([second.id, first.id]);
    }, PATIENCE);
    await settled(next);
    expect(await gonesOf(next)).toEqual(["lab-8", "lab-7"]);
    expect(warnings).toEqual([]);
    await own.close();
  });

  it("is no event where no rule listens on that very change", async () => {
    const t = await start({ gone: ON_GONE });
    await settled(t);
    await t.test.engine.commit({
      runs: [],
      announce: [{ type: "node.connected", id: "id-of-it", node: "lab-7" }],
    });
    await gone(t, "lab-7");
    await vi.waitFor(async () => {
      expect(
        (await t.events.list({ type: "yard.node.disconnected", limit: 10 })).rows,
      ).toHaveLength(1);
    }, PATIENCE);
    expect((await t.events.list({ type: "yard.node.connected", limit: 10 })).rows).toEqual([]);
  });
});

describe("a question to a person", () => {
  it("becomes events as it is asked, answered, and as its time is over, with its prompt and its ids", async () => {
    const on = (word: string) =>
      `rule: t.${word}\non: yard.inquiry.${word}\nrun: core.noop\nwith: { about: "\${{ event.data.prompt }}" }\n`;
    const t = await start({
      opened: on("opened"),
      answered: on("answered"),
      late: "rule: t.late\non: yard.inquiry.timed_out\nrun: core.noop\n",
    });
    await settled(t);
    const of = async (type: string, subject: string) =>
      (await t.events.list({ type: `yard.inquiry.${type}`, subject, limit: 10 })).rows;
    const ask = async (input: Json): Promise<string> => {
      const runId = await t.test.start("core.ask", input);
      const open = async () => (await t.test.engine.inquiries({ runId, limit: 1 })).rows[0]?.id;
      await vi.waitFor(async () => expect(await open()).toBeDefined(), PATIENCE);
      return (await open()) as string;
    };
    const asked = await ask({ prompt: "Well?", assigned_to: "ann" });
    await t.test.engine.answer(asked, { ok: true }, { by: "token:ann" });
    const late = await ask({ prompt: "Now?", timeout: "1ms" });
    await vi.waitFor(async () => {
      expect(await of("opened", asked)).toHaveLength(1);
      expect(await of("answered", asked)).toHaveLength(1);
      expect(await of("timed_out", late)).toHaveLength(1);
    }, PATIENCE);
    const inquiry = await t.test.engine.inquiry(asked);
    const [opened] = await of("opened", asked);
    expect(opened).toMatchObject({
      ...{ source: "yard", subject: asked, depth: 1, time: inquiry?.asked_at },
      data: {
        ...{ inquiry: asked, run: inquiry?.run_id, ref: "core.ask", step: "action", attempt: 1 },
        ...{ prompt: "Well?", assigned_to: ["ann"], about: "step", expires_at: null },
      },
    });
    expect(field(opened?.data as Json, "answer")).toBeUndefined();
    const [answered] = await of("answered", asked);
    expect(answered?.data).toMatchObject({ answer: { ok: true }, answered_by: "token:ann" });
    const { runs } = await t.events.detail(opened?.id as string);
    expect(runs).toMatchObject([{ rule: "t.opened", input: { about: "Well?" } }]);
  });
});

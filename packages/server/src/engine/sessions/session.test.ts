import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { processTimers } from "../scheduler/timers.ts";
import { createSession } from "./session.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A started session whose store answers as the test says, and what was asked and told, in order. */
async function setUp({ contested = true } = {}) {
  const room = make({ contested });
  await room.session.start();
  return room;
}

function make({ contested = true } = {}) {
  const asked: string[] = [];
  const answers = {
    /** What PostgreSQL says to a renewal; `away`: nothing, ever. */
    renew: "ok" as "ok" | "ended" | "fails" | "away",
    insert: "ok" as "ok" | "wrong" | "away",
    resting: undefined as string | undefined,
  };
  let ids = 0;
  const session = createSession({
    store: {
      insert({ id }) {
        asked.push(`insert ${id}`);
        if (answers.insert === "away") return new Promise(() => {});
        return answers.insert === "ok" ? Promise.resolve() : Promise.reject(new Error("wrong"));
      },
      renew(id, resting) {
        asked.push(`renew ${id}${resting === undefined ? "" : `, resting: ${resting}`}`);
        if (answers.renew === "away") return new Promise(() => {});
        if (answers.renew === "fails") return Promise.reject(new Error("no connection"));
        return Promise.resolve(answers.renew === "ok");
      },
      end: async (id) => void asked.push(`end ${id}`),
      drop: () => void asked.push("drop"),
      close: async () => void asked.push("close"),
    },
    timers: processTimers,
    identity: { host: "here", pid: 1, processStart: "1", roles: ["worker"], owner: true },
    resting: () => answers.resting,
    newId: () => `s${++ids}`,
    monotonicMs: () => performance.now(),
    onEnded: async () => void asked.push("give up leases"),
    onDoubt: () => void asked.push("doubt"),
    contested,
    onError: () => {},
  });
  return { session, answers, asked, since: () => asked.splice(0) };
}

it("each renewal tells why the worker rests, while it does", async () => {
  const { answers, since } = await setUp();
  answers.resting = "no room";
  await pass(2_000);
  answers.resting = undefined;
  await pass(2_000);
  expect(since()).toEqual(["insert s1", "renew s1, resting: no room", "renew s1"]);
});

it("a session is renewed every two seconds, and a fifth of one after a renewal that failed", async () => {
  const { answers, since } = await setUp();
  expect(since()).toEqual(["insert s1"]);
  await pass(4_000);
  expect(since()).toEqual(["renew s1", "renew s1"]);
  answers.renew = "fails";
  await pass(2_400);
  expect(since()).toEqual(["renew s1", "drop", "renew s1", "drop", "renew s1", "drop"]);
  answers.renew = "ok";
  await pass(200);
  expect(since()).toEqual(["renew s1"]);
});

it("a process that starts waits for a PostgreSQL that does not answer, on a new connection each time, for half a minute", async () => {
  const { session, answers, since } = make();
  answers.insert = "away";
  const started = session.start();
  await pass(2_200);
  expect(since()).toEqual(["insert s1", "drop", "insert s1"]);
  await pass(2_000);
  answers.insert = "ok";
  await pass(200);
  await started;
  expect(since()).toEqual(["drop", "insert s1"]);

  const given = make();
  given.answers.insert = "away";
  const refused = expect(given.session.start()).rejects.toThrow("did not answer in time");
  await pass(40_000);
  await refused;
  given.answers.insert = "wrong";
  await expect(given.session.start()).rejects.toThrow("wrong");
});

it("a process gives up its work five seconds after it asked for the last renewal that was acknowledged", async () => {
  const { session, answers, asked, since } = await setUp();
  answers.renew = "away";
  await pass(4_999);
  expect(asked).not.toContain("doubt");
  expect(session.isInDoubt()).toBe(false);
  await pass(2);
  expect(asked).toContain("doubt");
  expect(session.isInDoubt()).toBe(true);
  answers.renew = "ok";
  await pass(2_200);
  expect(session.isInDoubt()).toBe(false);
  since();
  await pass(10_000);
  expect(asked).not.toContain("doubt");
});

it("where nobody else could take the work it is not given up", async () => {
  const { session, answers, asked } = await setUp({ contested: false });
  answers.renew = "away";
  await pass(20_000);
  expect(asked).not.toContain("doubt");
  expect(session.isInDoubt()).toBe(false);
});

it("who may have been frozen is told when it is known whether its leases are its own", async () => {
  const { session, answers } = await setUp({ contested: false });
  expect(session.sure()).toBeUndefined();
  answers.renew = "away";
  await pass(20_000);
  const known = session.sure()?.then(() => session.id());
  answers.renew = "ended";
  await pass(2_200);
  expect(await known).toBe("s2");
  expect(session.sure()).toBeUndefined();
});

it("a renewal that is never answered is given up with its connection, and tried again", async () => {
  const { answers, since } = await setUp();
  answers.renew = "away";
  await pass(4_199);
  expect(since()).toEqual(["insert s1", "renew s1", "drop"]);
  await pass(1);
  expect(since()).toEqual(["renew s1"]);
});

it("others are judged only after one whole life of renewals without a gap", async () => {
  const { session, answers } = await setUp();
  await pass(5_999);
  expect(session.mayJudge()).toBe(false);
  await pass(1);
  expect(session.mayJudge()).toBe(true);
  answers.renew = "fails";
  await pass(3_001);
  expect(session.mayJudge()).toBe(false);
  answers.renew = "ok";
  await pass(200);
  expect(session.mayJudge()).toBe(false);
  await pass(6_200);
  expect(session.mayJudge()).toBe(true);
});

it("a session that was ended from outside gives up its leases before the next is opened, under another id", async () => {
  const { session, answers, since } = await setUp();
  since();
  answers.renew = "ended";
  const living = session.living();
  await pass(0);
  await living;
  expect(since()).toEqual(["renew s1", "give up leases", "insert s2"]);
  expect(session.id()).toBe("s2");
  answers.renew = "ok";
  await pass(2_000);
  expect(since()).toEqual(["renew s2"]);
});

it("a session whose opening nobody answers for is opened again by its id: it may be in use, and nothing is given up twice", async () => {
  const { session, answers, since } = await setUp();
  since();
  answers.renew = "ended";
  answers.insert = "away";
  const living = session.living();
  await pass(2_200);
  answers.insert = "ok";
  answers.renew = "ok";
  await pass(2_200);
  await living;
  const opened = [
    "renew s1",
    "give up leases",
    "insert s2",
    "drop",
    "insert s2",
    "drop",
    "insert s2",
  ];
  expect(since()).toEqual(opened);
  expect(session.id()).toBe("s2");
});

it("two that ask at once whether it lives open no two sessions", async () => {
  const { session, answers, since } = await setUp();
  since();
  answers.renew = "ended";
  await Promise.all([session.living(), session.living()]);
  expect(since()).toEqual(["renew s1", "give up leases", "insert s2"]);
});

it("a closed session is ended, renewed no more and doubted no more", async () => {
  const { session, asked, since } = await setUp();
  since();
  await session.close();
  await pass(20_000);
  expect(asked).toEqual(["end s1", "close"]);
  await expect(session.living()).rejects.toMatchObject({ code: "unavailable" });
});

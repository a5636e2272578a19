import { beforeEach, expect, it } from "vitest";
import { definitionsOf, ECHO, workflowOf } from "../../../test/workflows.ts";
import type { Claimer, HeldRow } from "./claim.store.ts";
import { type Claims, createClaims } from "./claims.ts";

const MINUTE_MS = 60_000;
const NEW = workflowOf("test.new", [{ id: "a", action: ECHO }]);
const OLD = workflowOf("test.old", [{ id: "a", action: ECHO }]);

let known = [OLD];
let session = "s1";
let nowMs = 0;
/** What is leased, by claims. */
let leased: HeldRow[] = [];
let claimers: Claimer[] = [];
let back: string[] = [];
let isAway = false;
let told: string[] = [];
let claims: Claims;

beforeEach(() => {
  [known, session, nowMs, leased, isAway, told] = [[OLD], "s1", 0, [], false, []];
  [claimers, back] = [[], []];
  const answer = <T>(given: T): Promise<T> =>
    isAway ? Promise.reject(new Error("away")) : Promise.resolve(given);
  claims = createClaims({
    store: {
      claimReady(claimer) {
        claimers.push(claimer);
        return answer(leased.filter(({ ref }) => claimer.without?.includes(ref) !== true));
      },
      putBack: (_session, rows) =>
        answer(rows).then((given) => {
          back.push(...given.map(({ runId }) => runId));
          return [...given];
        }),
      waitingLanes: () => answer([]),
      admit: () => answer({ rows: leased, inMs: null, isShut: false }),
      leasedByClaims: (_session, ids) =>
        answer(leased.filter(({ claimId }) => ids.includes(claimId))),
      stillLeased: (_session, rows) =>
        answer(leased.filter(({ runId }) => rows.some((row) => row.runId === runId))),
    },
    definitions: { ...definitionsOf([]), pinned: (ref) => definitionsOf(known).pinned(ref, null) },
    sessionId: () => session,
    onHeld: () => undefined,
    onPutBack: () => back.push("told"),
    onError: (_error, what) => told.push(what),
    newId: () => "c1",
    now: () => 0,
    monotonicMs: () => nowMs,
  });
});

const rowOf = (runId: string, ref: string) => ({
  ...{ runId, ref, slot: "a", number: 1, input: {}, packDigest: null, traceparent: null },
  claimId: "c1",
});
const WAITED = { runner: "core", ref: "core.echo", priority: 5 };
const runsOf = (got: readonly { readonly runId: string }[]) => got.map(({ runId }) => runId);

it("an attempt whose definition cannot be had holds up no other of its claim, and begins once it can", async () => {
  leased = [rowOf("r1", "test.old"), rowOf("r2", "test.new"), rowOf("r3", "test.old")];
  expect(runsOf(await claims.claim("core", 3))).toEqual(["r1", "r3"]);
  expect(await claims.recall()).toEqual([]);
  expect(told).toEqual(["run r2 cannot go on without its definition; looking for it again"]);
  nowMs += 10 * MINUTE_MS;
  known = [OLD, NEW];
  expect(claims.recallInMs()).toBe(0);
  expect(runsOf(await claims.recall())).toEqual(["r2"]);
  expect(claims.recallInMs()).toBeUndefined();
  expect(await claims.recall()).toEqual([]);
});

it("a definition that cannot be had is looked for after half a second, and twice as late each time, up to 30 s", async () => {
  leased = [rowOf("r2", "test.new")];
  await claims.claim("core", 1);
  const waits: (number | undefined)[] = [];
  for (let i = 0; i < 8; i++) {
    const inMs = claims.recallInMs() ?? 0;
    waits.push(inMs);
    nowMs += inMs;
    expect(await claims.recall()).toEqual([]);
  }
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

it("what was held up, and ended with its run meanwhile, is forgotten", async () => {
  leased = [rowOf("r2", "test.new")];
  await claims.claim("core", 1);
  leased = [];
  nowMs += MINUTE_MS;
  expect(await claims.recall()).toEqual([]);
  expect(claims.recallInMs()).toBeUndefined();
});

it("what was held up is not begun for a session that has ended: others have it", async () => {
  leased = [rowOf("r2", "test.new")];
  await claims.claim("core", 1);
  session = "s2";
  known = [NEW];
  expect(await claims.recall()).toEqual([]);
  expect(claims.recallInMs()).toBe(1_000);
});

it("what others may have the definition of is put back and passed by, and tried again ever later", async () => {
  leased = [rowOf("r1", "test.old"), { ...rowOf("r2", "test.new"), waited: WAITED }];
  const waits: (number | undefined)[] = [];
  for (let i = 0; i < 7; i++) {
    expect(runsOf(await claims.claim("core", 2))).toEqual(["r1"]);
    expect(back.splice(0)).toEqual(["r2", "told"]);
    waits.push(claims.recallInMs());
    await claims.claim("core", 1);
    nowMs += claims.recallInMs() ?? 0;
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(claimers.slice(0, 3).map(({ without }) => without)).toEqual([[], ["test.new"], []]);
  expect(told).toEqual(["run r2 cannot go on without its definition; looking for it again"]);
  known = [OLD, NEW];
  expect(runsOf(await claims.claim("core", 2))).toEqual(["r1", "r2"]);
  expect(claims.recallInMs()).toBeUndefined();
});

it("what could not be put back for certain is looked for like all that is held up", async () => {
  leased = [{ ...rowOf("r2", "test.new"), waited: WAITED }];
  const claimed = claims.claim("core", 1);
  isAway = true;
  expect(await claimed).toEqual([]);
  isAway = false;
  expect(back).toEqual([]);
  expect(claims.recallInMs()).toBe(500);
  nowMs += 500;
  expect(await claims.recall()).toEqual([]);
  expect(back).toEqual(["r2", "told"]);
});

it("a claim whose answer was lost is looked for until PostgreSQL has answered, however long it is away", async () => {
  isAway = true;
  leased = [rowOf("r1", "test.old")];
  await expect(claims.claim("core", 1)).rejects.toThrow("away");
  nowMs += 10 * MINUTE_MS;
  await expect(claims.recall()).rejects.toThrow("away");
  isAway = false;
  expect(runsOf(await claims.recall())).toEqual(["r1"]);
  expect(claims.recallInMs()).toBeUndefined();
});

it("a claim whose answer was lost is looked for for a minute, as it may still be under way", async () => {
  isAway = true;
  await expect(claims.claim("core", 1)).rejects.toThrow("away");
  isAway = false;
  nowMs += MINUTE_MS;
  expect(await claims.recall()).toEqual([]);
  expect(claims.recallInMs()).toBe(500);
  nowMs += 1;
  expect(await claims.recall()).toEqual([]);
  expect(claims.recallInMs()).toBeUndefined();
});

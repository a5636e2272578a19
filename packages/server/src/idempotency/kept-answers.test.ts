import { createHash } from "node:crypto";
import { AppError } from "@yardmaster/protocol";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { testKeptAnswers } from "../../test/kept-answers.ts";
import { createTestDatabase, type TestDatabase } from "../../test/test-database.ts";
import type { Ending, KeptAnswers, KeyedRequest } from "./index.ts";
import { claimKey } from "./kept-answers.store.ts";
import { MAX_KEPT_BYTES } from "./kept-answers.ts";

const TOKEN = "01890a5d-ac96-774b-bcce-b302099a8057";
const OTHER_TOKEN = "01890a5d-ac96-774b-bcce-b302099a8058";

let db: TestDatabase;
let kept: KeptAnswers;
beforeAll(async () => {
  db = await createTestDatabase();
  kept = testKeptAnswers(db.database.pool);
});
afterAll(() => db?.drop());

const keyed = (key: string, more: Partial<KeyedRequest> = {}): KeyedRequest => ({
  tokenId: TOKEN,
  key,
  request: ["POST", "/v1/things", { n: 1 }],
  isRepeatable: false,
  isKept: true,
  ...more,
});
const done = (body: string): Ending => ({
  is: "done",
  answer: { status: 201, headers: { location: "/v1/things/a" }, body },
});
const rowOf = async (key: string) =>
  (await db.database.pool.query("SELECT * FROM kept_answers WHERE key = $1", [key])).rows[0];

/** Something that counts how often it was done, and gives what it is told to. */
function thing(...outcomes: (string | Error)[]) {
  const act = vi.fn(async (_claimId: string) => {
    const next = outcomes[act.mock.calls.length - 1] ?? outcomes.at(-1) ?? "";
    if (typeof next !== "string") throw next;
    return next;
  });
  return act;
}

it("gives the first answer again, in every process, and refuses another request under the key", async () => {
  const act = thing("made");
  expect(await kept.answer(keyed("again"), act, done)).toEqual({ fresh: "made" });
  for (const process of [kept, testKeptAnswers(db.database.pool)])
    expect(await process.answer(keyed("again"), act, done)).toEqual({
      before: { status: 201, headers: { location: "/v1/things/a" }, body: "made" },
    });
  const other = keyed("again", { request: ["POST", "/v1/things", { n: 2 }] });
  await expect(kept.answer(other, act, done)).rejects.toMatchObject({
    code: "idempotency_mismatch",
  });
  expect(act).toHaveBeenCalledTimes(1);
  await kept.answer(keyed("again", { tokenId: OTHER_TOKEN }), act, done);
  expect(act).toHaveBeenCalledTimes(2);
});

it("carries requests at the same time out once; each other gets the answer of the first", async () => {
  const act = thing("made");
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => kept.answer(keyed("rush"), act, done)),
  );
  expect(act).toHaveBeenCalledTimes(1);
  expect(answers.filter((answer) => "fresh" in answer)).toHaveLength(1);
  expect(
    answers.filter((answer) => "before" in answer && answer.before.body === "made"),
  ).toHaveLength(7);
});

it("is not carried out by two processes at the same time, but with one claim where that does no harm", async () => {
  const other = testKeptAnswers(db.database.pool);
  const second = thing("again");
  const busy = async (isRepeatable: boolean) => {
    const asked = keyed(`busy ${isRepeatable}`, { isRepeatable });
    let there: Promise<unknown> | undefined;
    const first = vi.fn(async (_claimId: string) => {
      there = other.answer(asked, second, done).catch((error: unknown) => error);
      await there;
      return "made";
    });
    await kept.answer(asked, first, done);
    return { claimId: first.mock.calls[0]?.[0], there: await there };
  };
  expect((await busy(false)).there).toMatchObject({ code: "conflict" });
  expect(second).not.toHaveBeenCalled();
  const { claimId, there } = await busy(true);
  expect(there).toEqual({ fresh: "again" });
  expect(second.mock.calls).toEqual([[claimId]]);
  // The answer that was kept first stands.
  const asked = keyed("busy true", { isRepeatable: true });
  expect(await kept.answer(asked, second, done)).toMatchObject({ before: { body: "again" } });
});

it("knows a claim as its own that is sent again, since the connection broke before its answer came", async () => {
  const claim = { tokenId: TOKEN, key: "resent", requestHash: "h", claimId: OTHER_TOKEN };
  expect(await claimKey(db.database.pool, claim)).toBeUndefined();
  expect(await claimKey(db.database.pool, claim)).toBeUndefined();
  expect(await claimKey(db.database.pool, { ...claim, claimId: TOKEN })).toMatchObject(claim);
});

it("frees the key of what was refused, thrown or answered", async () => {
  const act = thing(new AppError("conflict", "The name is taken"), "no", "made");
  await expect(kept.answer(keyed("freed"), act, done)).rejects.toMatchObject({ code: "conflict" });
  await kept.answer(keyed("freed"), act, () => ({ is: "refused" }));
  expect(await kept.answer(keyed("freed"), act, done)).toEqual({ fresh: "made" });
});

it.each([
  ["something broke", new Error("broke")],
  ["PostgreSQL went away", new AppError("unavailable", "away")],
  ["the node's link was lost", new AppError("node_disconnected", "lost")],
])("says that the outcome is not known where %s, and does nothing again", async (what, error) => {
  const act = thing(error, "made");
  await expect(kept.answer(keyed(what), act, done)).rejects.toBe(error);
  await expect(kept.answer(keyed(what), act, done)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(/not known.*ask with a new key/),
  });
  expect(act).toHaveBeenCalledTimes(1);
});

it("carries out again, under the same claim, what does no harm and has no known outcome", async () => {
  const again = keyed("repeatable", { isRepeatable: true });
  const act = thing(new Error("broke"), new AppError("conflict", "no"), "no", "made");
  await expect(kept.answer(again, act, done)).rejects.toThrow("broke");
  // Refused or not, thrown or answered, the first may have been done: its claim stays.
  await expect(kept.answer(again, act, done)).rejects.toMatchObject({ code: "conflict" });
  await kept.answer(again, act, () => ({ is: "refused" }));
  expect(await kept.answer(again, act, done)).toEqual({ fresh: "made" });
  expect(await kept.answer(again, act, done)).toMatchObject({ before: { body: "made" } });
  expect(new Set(act.mock.calls.map(([claimId]) => claimId)).size).toBe(1);
});

it("carries out by its claim, each time, what knows by it what was done", async () => {
  const byClaim = keyed("by claim", { isRepeatable: true, isKept: false });
  const act = thing("done", "repeated");
  await kept.answer(byClaim, act, done);
  expect(await kept.answer(byClaim, act, done)).toEqual({ fresh: "repeated" });
  expect(new Set(act.mock.calls.map(([claimId]) => claimId)).size).toBe(1);
});

it("keeps nothing of an answer that is shown once, and no hash by which a body could be guessed", async () => {
  const once = keyed("once", { isKept: false });
  await kept.answer(once, thing("the secret"), done);
  await expect(kept.answer(once, thing("another"), done)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(/shown once.*new key/),
  });
  const row = await rowOf("once");
  expect(JSON.stringify(row)).not.toContain("secret");
  const plain = createHash("sha256").update(JSON.stringify(once.request));
  expect(row.request_hash).not.toBe(plain.digest("base64url"));
});

it.each([
  ["is too large to be kept", "x".repeat(MAX_KEPT_BYTES + 1)],
  ["holds a NUL, which PostgreSQL keeps in no text", "a\u0000b"],
])("says so of an answer that %s, and does nothing again", async (what, body) => {
  const act = thing(body);
  expect(await kept.answer(keyed(what), act, done)).toEqual({ fresh: body });
  await expect(kept.answer(keyed(what), act, done)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("too large to be kept"),
  });
  expect(act).toHaveBeenCalledTimes(1);
});

it("keeps a key for 24 hours, and takes it for a new request then, also where nothing has swept it", async () => {
  const act = thing("one", "two");
  const age = (hours: number) =>
    db.database.pool.query(
      "UPDATE kept_answers SET created_at = now() - $1 * interval '1 hour' WHERE key = 'old'",
      [hours],
    );
  await kept.answer(keyed("old"), act, done);
  await age(23);
  expect(await kept.answer(keyed("old"), act, done)).toMatchObject({ before: { body: "one" } });
  await age(25);
  const other = keyed("old", { request: "another" });
  expect(await kept.answer(other, act, done)).toEqual({ fresh: "two" });
  expect(await kept.answer(other, act, done)).toMatchObject({ before: { body: "two" } });
});

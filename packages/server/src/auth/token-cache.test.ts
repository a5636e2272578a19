import { describe, expect, it, onTestFinished } from "vitest";
import type { Principal } from "../http/index.ts";
import { createTokenCache, type FoundToken } from "./token-cache.ts";

const PRINCIPAL: Principal = { tokenId: "1", name: "ci", scopes: ["runs:read"] };
const FOUND: FoundToken = { principal: PRINCIPAL, leftMs: null };

function setup({ waitMs = 60_000 } = {}) {
  let nowMs = 0;
  const asked: string[] = [];
  const answers: ((found: FoundToken | undefined) => void)[] = [];
  // Who waits for one would be told after a minute that there is none, when other tests run.
  onTestFinished(() => {
    for (const answer of answers) answer(undefined);
  });
  const cache = createTokenCache(
    (hash) => {
      asked.push(hash);
      return new Promise((resolve) => answers.push(resolve));
    },
    { refreshMs: 750, expireMs: 1_800, maxEntries: 2, waitMs },
    () => nowMs,
  );
  return { cache, asked, answers, pass: (ms: number) => (nowMs += ms) };
}

async function known(
  cache: ReturnType<typeof setup>["cache"],
  hash: string,
  answers: ReturnType<typeof setup>["answers"],
) {
  const answer = cache.lookUp(hash);
  answers.at(-1)?.(FOUND);
  await answer;
}

describe("the token cache", () => {
  it("asks once for many requests at once, then answers without a query", async () => {
    const { cache, asked, answers } = setup();
    const both = [cache.lookUp("a"), cache.lookUp("a")].map((answer) => Promise.resolve(answer));
    answers[0]?.(FOUND);
    expect(await Promise.all(both)).toEqual([PRINCIPAL, PRINCIPAL]);
    expect(cache.lookUp("a")).toBe(PRINCIPAL);
    expect(asked).toEqual(["a"]);
  });

  it("tells who asks that PostgreSQL does not answer, and sends it no second question", async () => {
    const { cache, asked, answers } = setup({ waitMs: 1 });
    for (const _ of [1, 2])
      await expect(cache.lookUp("a")).rejects.toMatchObject({
        code: "unavailable",
        message: "PostgreSQL has not answered within 0.001 s; try again",
      });
    expect(asked).toEqual(["a"]);
    answers[0]?.(FOUND);
    await expect.poll(() => cache.lookUp("a")).toBe(PRINCIPAL);
  });

  it("asks anew beside a request while the answer is young, so that a steady user never waits", async () => {
    const { cache, asked, answers, pass } = setup();
    await known(cache, "a", answers);
    pass(800);
    expect(cache.lookUp("a")).toBe(PRINCIPAL);
    expect(asked).toEqual(["a", "a"]);
    answers[1]?.(undefined);
    await expect.poll(() => cache.lookUp("a")).toBeUndefined();
  });

  it("uses no answer that is older than its time, and asks in earnest", async () => {
    const { cache, answers, pass } = setup();
    await known(cache, "a", answers);
    pass(1_800);
    const answer = cache.lookUp("a");
    expect(answer).toBeInstanceOf(Promise);
    answers[1]?.(undefined);
    expect(await answer).toBeUndefined();
  });

  it("counts the age from the question, not from the answer", async () => {
    const { cache, answers, pass } = setup();
    const answer = cache.lookUp("a");
    pass(1_900);
    answers[0]?.(FOUND);
    await answer;
    expect(cache.lookUp("a")).toBeInstanceOf(Promise);
  });

  it("does not keep the answer of a question that was asked before it was told to forget", async () => {
    const { cache, asked, answers } = setup();
    const stale = cache.lookUp("a");
    cache.forget("a");
    answers[0]?.(FOUND);
    await stale;
    expect(cache.lookUp("a")).toBeInstanceOf(Promise);
    expect(asked).toHaveLength(2);
  });

  it("uses no answer beyond the token's own end", async () => {
    const { cache, answers, pass } = setup();
    const answer = cache.lookUp("a");
    answers[0]?.({ ...FOUND, leftMs: 100 });
    await answer;
    pass(99);
    expect(cache.lookUp("a")).toBe(PRINCIPAL);
    pass(1);
    expect(cache.lookUp("a")).toBeInstanceOf(Promise);
  });

  it("forgets all when it may have missed a notice", async () => {
    const { cache, answers } = setup();
    await known(cache, "a", answers);
    cache.clear();
    expect(cache.lookUp("a")).toBeInstanceOf(Promise);
  });

  it("keeps strangers too, but no more than its bound", async () => {
    const { cache, asked, answers } = setup();
    for (const hash of ["a", "b", "c"]) {
      const answer = cache.lookUp(hash);
      answers.at(-1)?.(undefined);
      await answer;
    }
    expect(cache.lookUp("c")).toBeUndefined();
    expect(cache.lookUp("a")).toBeInstanceOf(Promise);
    expect(asked).toEqual(["a", "b", "c", "a"]);
  });
});

import type { AttemptEnded } from "@yardmaster/kernel";
import { AppError } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import type { Posted } from "../keeper/posted.ts";
import { type PostDeps, postEnd } from "./ended-attempt.ts";

const ENDED: AttemptEnded = {
  type: "attempt_ended",
  slot: "step",
  number: 1,
  status: "success",
  output: "worked",
  startedAt: 0,
  worker: "session",
  at: 1,
  random: 0,
};

/** A store that answers as told, one after the other; what was posted. */
function store(answers: readonly (Posted | Error)[], isOpen = true) {
  const posted: string[] = [];
  const deps: PostDeps = {
    post: async (_, event) => {
      posted.push(event.status);
      const answer = answers[posted.length - 1] ?? "applied";
      if (answer instanceof Error) throw answer;
      return answer;
    },
    onError: () => {},
    again: async () => isOpen,
  };
  return { deps, posted };
}

const NO = new Error("permission denied");

test("a result that the store does not take is a failure of its step", async () => {
  const { deps, posted } = store([NO]);
  expect(await postEnd(deps, "run", ENDED)).toBe(false);
  expect(posted).toEqual(["success", "failed"]);
});

test("a result is kept for as long as the store takes nothing at all, and stored then", async () => {
  const { deps, posted } = store([NO, NO, NO, NO]);
  expect(await postEnd(deps, "run", ENDED)).toBe(true);
  expect(posted).toEqual(["success", "failed", "success", "failed", "success"]);
});

test("a worker that stops leaves a result that nobody takes to whoever runs the step again", async () => {
  const { deps, posted } = store([NO, NO], false);
  expect(await postEnd(deps, "run", ENDED)).toBe(false);
  expect(posted).toEqual(["success", "failed"]);
});

test("a result for which the store has no room now stays what it is", async () => {
  const { deps, posted } = store([new AppError("unavailable", "too much waits already")]);
  expect(await postEnd(deps, "run", ENDED)).toBe(true);
  expect(posted).toEqual(["success", "success"]);
});

import { expect, test } from "vitest";
import { errorOf, outputOf, setUp } from "../attempt.fixture.ts";
import type { Talk } from "../runner.ts";

const ANSWERS = 'while read -r line; do echo "heard $line"; done; exit 3';

/** Says one word, and ends the talk when it is answered. */
function setUpTalk(isEnded = true) {
  const dismissing = new AbortController();
  let heard = "";
  let stdin: Parameters<Talk["begun"]>[0] | undefined;
  const talk: Talk = {
    begun(given) {
      stdin = given;
      given.write("hello\n");
    },
    isOver: () => isEnded && heard !== "",
    dismissed: dismissing.signal,
  };
  const onStdout = (chunk: Buffer): void => {
    heard += chunk.toString();
    if (isEnded) stdin?.end();
    dismissing.abort("cancel");
  };
  return { talk, heard: () => heard, given: { talk, onStdout, output: "none" } as const };
}

test("a process is spoken with while it runs, and how it ends when all was said is no failure", async () => {
  const { sh } = setUp();
  const { heard, given } = setUpTalk();
  const result = await sh(ANSWERS, { ...given, input: "not given to it" });
  expect(outputOf(result)).toBe(null);
  expect(heard()).toBe("heard hello\n");
});

test("one that does not go then is stopped, and has not failed for that", async () => {
  const { sh } = setUp();
  const { given } = setUpTalk();
  expect((await sh(`read -r line; echo "$line"; exec sleep 1000`, given)).status).toBe("success");
});

test("one with which nothing was said to its end ends as any process", async () => {
  const { sh } = setUp();
  const error = errorOf(await sh("read -r line; exit 3", setUpTalk(false).given));
  expect(error).toMatchObject({ code: "process_exit", details: { exit_code: 3 } });
});

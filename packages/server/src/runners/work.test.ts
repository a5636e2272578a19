import { expect, test } from "vitest";
import { actionOf } from "../../test/workflows.ts";
import { errorOf, outputOf, setUp } from "./attempt.fixture.ts";
import type { AttemptContext } from "./runner.ts";
import { createWork } from "./work.ts";

function worker(probe: string, script = 'echo "\\"worked on $(cat)\\""') {
  const attempt = setUp();
  const work = createWork(attempt.runner, { now: () => 42 });
  const action = actionOf(
    "p.a",
    { kind: "process", script, output: "json" },
    { check: { kind: "process", script: probe, output: "json" } },
  );
  return {
    ...attempt,
    work: (given: Partial<AttemptContext>) => work(action, attempt.context({ input: 5, ...given })),
  };
}

test("the first attempt asks no check", async () => {
  const { work } = worker("exit 1");
  expect(outputOf(await work({ attempt: 1 }))).toBe("worked on 5");
});

test("what was never begun is not asked for, whatever the number of the attempt", async () => {
  const { work } = worker("exit 1");
  const given = { attempt: 3, mayHaveBegun: async () => false };
  expect(outputOf(await work(given))).toBe("worked on 5");
});

test("a check that says done ends the attempt with its output; its input is the action's", async () => {
  const { work } = worker('echo "{\\"done\\": true, \\"output\\": [$(cat)]}"');
  expect(outputOf(await work({ attempt: 2 }))).toEqual([5]);
  const { work: bare } = worker("echo '{\"done\": true}'");
  expect(outputOf(await bare({ attempt: 2 }))).toBeNull();
});

test("a check that says not done lets the work go on", async () => {
  const { work } = worker("echo '{\"done\": false}'");
  expect(outputOf(await work({ attempt: 2 }))).toBe("worked on 5");
});

test("a check that fails, or says something else, fails the attempt: nothing is repeated in doubt", async () => {
  const failing = errorOf(await worker("echo no >&2; exit 3").work({ attempt: 2 }));
  expect(failing).toMatchObject({ code: "process_exit" });
  expect(failing.message).toContain("The check of on_lost did not say whether the work is done");
  const other = errorOf(await worker('echo \'{"done": "yes"}\'').work({ attempt: 2 }));
  expect(other).toMatchObject({ code: "invalid_output" });
  expect(other.message).toContain('{ "done": false }');
});

test("a check and its work have the time of one attempt together", async () => {
  const { work } = worker("sleep 0.2; echo '{\"done\": false}'");
  const result = await work({ attempt: 2, timeoutMs: 100 });
  expect(result.status).toBe("timed_out");
});

test.each([
  ["debug", "stdout", "[debug] hello\uFFFD\n"],
  ["info", "stdout", "hello\uFFFD\n"],
  ["warn", "stderr", "[warn] hello\uFFFD\n"],
  ["error", "stderr", "[error] hello\uFFFD\n"],
])("core.log writes a line of level %s on %s", async (level, stream, text) => {
  const { runner, context, logs } = setUp();
  const work = createWork(runner, { now: () => 42 });
  const log = actionOf("core.log", { kind: "log" });
  const result = await work(log, context({ input: { text: "hello\0", level } }));
  expect(outputOf(result)).toBeNull();
  expect(logs).toEqual([{ stream, text, at: 42 }]);
});

test("what is no work for a worker is a mistake of the engine", async () => {
  const { runner, context } = setUp();
  await expect(createWork(runner)(actionOf("t", { kind: "timer" }), context())).rejects.toThrow(
    "w7k1",
  );
});

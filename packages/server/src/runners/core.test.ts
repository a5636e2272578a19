import { expect, test } from "vitest";
import { runCore } from "./core.ts";
import { createRunners } from "./index.ts";

test("core.echo returns its input's fields as they are", () => {
  const input = { a: 1, list: [null, { b: "ü" }] };
  expect(runCore("core.echo", input)).toMatchObject({ status: "success", output: input });
});

test("core.set returns its input, to be kept", () => {
  expect(runCore("core.set", { a: 1 })).toMatchObject({ status: "success", output: { a: 1 } });
});

test("core.noop returns null", () => {
  expect(runCore("core.noop", {})).toMatchObject({ status: "success", output: null });
});

test("core.fail fails with its message", () => {
  const error = { code: "action_failed", message: "on purpose" };
  expect(runCore("core.fail", { message: "on purpose" })).toMatchObject({
    status: "failed",
    error,
  });
  expect(runCore("core.fail", null)).toMatchObject({ status: "failed" });
});

test("core.fail cuts a message that no list of runs could hold, and says so", () => {
  const { status, ...result } = runCore("core.fail", { message: `${"x".repeat(8_191)}🚂 and on` });
  expect(status).toBe("failed");
  const message = "error" in result ? (result.error?.message ?? "") : "";
  expect(message.isWellFormed()).toBe(true);
  expect(message.slice(8_190)).toBe(
    "x\ufffd… (cut here: it has 8200 characters, all of them in the input of the step)",
  );
});

test("the runners of a worker carry every kind", () => {
  const runners = createRunners();
  expect(runners.core("core.noop", null).status).toBe("success");
  expect(runners.work).toBeTypeOf("function");
});

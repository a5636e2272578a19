import type { WorkError } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { compileExpression } from "../expressions/index.ts";
import type { RetryPolicy } from "./definition.ts";
import { mayPass, notTriedAgain, retryDelayMs } from "./retry.ts";

const POLICY = {
  attempts: 5,
  backoff: "exponential",
  delayMs: 100,
  maxDelayMs: 1_000,
  jitter: 0,
} as const;

function answered(status: number, retryAfterMs?: number): WorkError {
  const details = {
    status,
    ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
  };
  return { code: "http_status", message: "", details };
}

test("a constant pause is the same before each try, a linear one grows by itself, an exponential one doubles, up to the longest", () => {
  const waits = (backoff: RetryPolicy["backoff"]) =>
    [1, 2, 3, 4, 5].map((tries) => retryDelayMs({ ...POLICY, backoff }, tries, 0));
  expect(waits("constant")).toEqual([100, 100, 100, 100, 100]);
  expect(waits("linear")).toEqual([100, 200, 300, 400, 500]);
  expect(waits("exponential")).toEqual([100, 200, 400, 800, 1_000]);
});

test("a server that asks for a longer pause gets it, up to the longest of the policy", () => {
  expect(retryDelayMs(POLICY, 2, 0, answered(503))).toBe(200);
  expect(retryDelayMs(POLICY, 2, 0, answered(503, 150))).toBe(200);
  expect(retryDelayMs(POLICY, 2, 0, answered(503, 700))).toBe(700);
  expect(retryDelayMs(POLICY, 2, 0, answered(503, 86_400_000))).toBe(1_000);
});

test("only a server's answer can ask for a pause", () => {
  const error: WorkError = { code: "action_failed", message: "", details: { retry_after_ms: 700 } };
  expect(retryDelayMs(POLICY, 1, 0, error)).toBe(100);
});

test.each([500, 502, 503, 504, 429, 408, 409, 425])(
  "a %d may be another answer later",
  (status) => {
    expect(mayPass(answered(status))).toBe(true);
  },
);

test.each([400, 401, 403, 404, 422, 302])("a %d stays what it is", (status) => {
  expect(mayPass(answered(status))).toBe(false);
});

test.each([
  ["error.details.exit_code in [75, 111]", { exit_code: 75 }, undefined],
  [
    "error.details.exit_code in [75, 111]",
    { exit_code: 1 },
    "not so: error.details.exit_code in [75, 111]",
  ],
  ["error.details.exit_code == 75", { signal: "SIGKILL" }, "not so: error.details.exit_code == 75"],
  ["error.code == 'process_exit' && error.message.contains('busy')", {}, undefined],
  ["error.details.exit_code + 'a' == ''", { exit_code: 1 }, expect.stringMatching(/^retry\.if: /)],
])("%s of %j decides alone whether a failure is tried again", (source, details, why) => {
  const compiled = compileExpression(source, { variables: { error: true } }, "bool");
  if (!compiled.ok) throw new Error(compiled.errors[0]?.message);
  const policy: RetryPolicy = { ...POLICY, condition: compiled.value };
  const error: WorkError = { code: "process_exit", message: "busy", details };
  expect(notTriedAgain(policy, error)).toEqual(why);
});

test("what could not pass by itself is tried again where a condition says so", () => {
  const compiled = compileExpression(
    "error.details.status == 404",
    { variables: { error: true } },
    "bool",
  );
  if (!compiled.ok) throw new Error(compiled.errors[0]?.message);
  expect(notTriedAgain(POLICY, answered(404))).toBe("");
  expect(notTriedAgain({ ...POLICY, condition: compiled.value }, answered(404))).toBeUndefined();
});

test("a tool that is not there, or that does not take its arguments, is not called again", () => {
  const of = (error: string) => mayPass({ code: "mcp_failed", message: "", details: { error } });
  expect([of("unknown_tool"), of("invalid_arguments")]).toEqual([false, false]);
  expect([of("ended"), mayPass({ code: "mcp_tool_failed", message: "" })]).toEqual([true, true]);
});

test("what is refused as it stands is not tried again, everything else may be", () => {
  const of = (code: WorkError["code"]) => mayPass({ code, message: "" });
  expect([of("invalid_input"), of("http_blocked")]).toEqual([false, false]);
  expect([of("http_failed"), of("process_exit"), of("timed_out"), mayPass(undefined)]).toEqual([
    true,
    true,
    true,
    true,
  ]);
});

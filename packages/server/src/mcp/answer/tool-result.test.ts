import { AppError } from "@yardmaster/protocol";
import { expect, it } from "vitest";
import { errorResultOf, resultOf } from "./tool-result.ts";

it("tells what failed, each wrong place, and the way out", () => {
  const errors = [{ path: "/n", message: "is too big", got: "9", hint: "give less" }];
  const result = errorResultOf(new AppError("invalid_request", "No", { errors }));
  expect(result.content).toEqual([
    { type: "text", text: "invalid_request: No\n- /n is too big; got 9; give less" },
  ]);
  expect(result._meta).toEqual({
    "yardmaster/problem": { code: "invalid_request", detail: "No", errors },
  });
});

it("does not give back a megabyte that was sent as the name of an argument", () => {
  const name = "n".repeat(1_000_000);
  const errors = [{ path: `/${name}`, message: "is not an argument of this tool" }];
  const error = new AppError("invalid_request", `There is no argument ${name}`, { errors });
  const told = JSON.stringify(errorResultOf(error));
  expect(told).toContain("999021 more characters");
  expect(told.length).toBeLessThan(10_000);
});

it("tells an empty output, and leaves out what of a run says nothing", () => {
  const run = {
    id: "1",
    reason: null,
    paused_by: "",
    outputs: {},
    output: { found: [], name: "" },
  };
  const [said] = resultOf({ value: run }).content;
  expect(said?.text).toBe('id: "1"\noutput:\n  found: []\n  name: ""');
});

import { expect, it } from "vitest";
import { actionOf } from "../../test/workflows.ts";
import { createRunners, type Runners } from "../runners/index.ts";
import { measuredRunners } from "./measured-runners.ts";

it("tells each attempt that ends, by its kind of runner and its status", async () => {
  const told: string[] = [];
  const work: Runners["work"] = async () => ({
    status: "timed_out",
    error: { code: "timed_out", message: "late" },
    facts: { durationMs: 1, stdoutBytes: 0, stderrBytes: 0 },
  });
  const runners = measuredRunners({ ...createRunners(), work }, (runner, status) =>
    told.push(`${runner} ${status}`),
  );
  expect(runners.core("core.echo", { n: 1 })).toMatchObject({ output: { n: 1 } });
  runners.core("core.fail", { message: "no" });
  await runners.work(actionOf("t.h", { kind: "http" }), {} as never);
  expect(told).toEqual(["core success", "core failed", "http timed_out"]);
});

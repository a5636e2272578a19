import { expect, it } from "vitest";
import type { RunRecord } from "./reading.types.ts";
import { logEnd } from "./told-end.ts";

const ID = "01890a5d-ac96-774b-bcce-b302099a8057";
const run = (status: RunRecord["status"]): RunRecord => ({
  ...{ id: ID, ref: "t.a", status, reason: null, input: null, output: null, outputs: {} },
  ...{ error: status === "failed" ? { code: "internal", message: "1" } : null, created_at: "" },
  ...{ finished_at: "", created_by: "x", event_id: null, rule: null, retry_of: null },
  ...{ parent_id: null, paused_by: null, pack_digest: null, traceparent: null },
});

function setup(levels: readonly string[]) {
  const lines: unknown[] = [];
  let reads = 0;
  const note = (level: string) => (details: object, message: string) => {
    lines.push([level, details, message]);
  };
  const log = {
    info: note("info"),
    debug: note("debug"),
    isLevelEnabled: (level: string) => levels.includes(level),
  };
  const end = (status: RunRecord["status"]) =>
    logEnd(log, status, () => {
      reads++;
      return run(status);
    });
  return { lines, end, reads: () => reads };
}

it("has a line for each run that ended: what failed at level info, the rest at debug", () => {
  const { lines, end } = setup(["info", "debug"]);
  for (const status of ["failed", "timed_out", "success"] as const) end(status);
  const line = { run_id: ID, ref: "t.a", trace_id: ID.replaceAll("-", "") };
  expect(lines).toEqual([
    ["info", { ...line, status: "failed", code: "internal" }, "run ended"],
    ["info", { ...line, status: "timed_out" }, "run ended"],
    ["debug", { ...line, status: "success" }, "run ended"],
  ]);
});

it("makes no record of a run where nobody logs at its level", () => {
  const { lines, end, reads } = setup(["info"]);
  end("success");
  end("canceled");
  expect([lines, reads()]).toEqual([[], 0]);
});

import { expect, it } from "vitest";
import { PLAIN } from "../output/paint.ts";
import { packReport } from "./pack-report.ts";

const EMPTY = {
  actions: [],
  workflows: [],
  rules: [],
  sources: [],
  queues: [],
  agents: [],
  sensors: [],
  tasks: [],
  errors: [],
  warnings: [],
};

it("says of a pack that defines nothing where its definitions are looked for", async () => {
  const check = { ...EMPTY, folder: "/packs/mine", pack: "mine", version: "1.0.0" };
  const options = { cwd: "/packs", read: async () => "" };
  expect(await packReport(check, { paint: PLAIN }, options)).toEqual([
    "✓ mine 1.0.0  mine  nothing is defined: that is done by files in workflows/, actions/, rules/, sources/, queues/, agents/, sensors/, tasks/",
  ]);
});

it("tells a warning with its place, and that the pack is right all the same", async () => {
  const warning = {
    path: "actions/a.yaml:1:8",
    file: "actions/a.yaml",
    line: 1,
    column: 8,
    message: "run is not executable",
  };
  const check = { ...EMPTY, folder: "/packs/mine", pack: "mine", version: "1.0.0" };
  const options = { cwd: "/packs", read: async () => "entry: run" };
  const report = await packReport(
    { ...check, actions: ["mine.a"], warnings: [{ ...warning, hint: "chmod +x run" }] },
    { paint: PLAIN },
    options,
  );
  expect(report).toEqual([
    "mine/actions/a.yaml:1:8: warning: run is not executable",
    "> 1 │ entry: run",
    "    │        ^",
    "  chmod +x run",
    "",
    "! mine 1.0.0  mine  1 action; 1 warning",
  ]);
});

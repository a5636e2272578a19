import { expect, it } from "vitest";
import { PLAIN } from "../output/paint.ts";
import { packReport } from "./pack-report.ts";

const EMPTY = { actions: [], workflows: [], rules: [], sources: [], queues: [], problems: [] };

it("says of a pack that defines nothing where its definitions are looked for", async () => {
  const check = { ...EMPTY, folder: "/packs/mine", pack: "mine", version: "1.0.0" };
  const options = { cwd: "/packs", read: async () => "" };
  expect(await packReport(check, { paint: PLAIN }, options)).toEqual([
    "✓ mine 1.0.0  mine  nothing is defined: that is done by files in workflows/, actions/, rules/, sources/, queues/",
  ]);
});

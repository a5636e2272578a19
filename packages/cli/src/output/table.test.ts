import { expect, test } from "vitest";
import { tableLines } from "./table.ts";

const HEADINGS = ["RUN", "STATUS", "REF", "STARTED", "BY", "WHY"];
const RUN = "01a22196-efb5-7025-a89e-0b04682097f5";
const ROW = [RUN, "success", "examples.greet", "1 s ago", `run:${RUN}`, ""];

const inWidth = (width: number, ...rows: string[][]) => tableLines(HEADINGS, rows, { width });

test("ids are whole where there is room for them", () => {
  expect(inWidth(130, ROW)[1]).toBe(`${RUN}  success  examples.greet  1 s ago  run:${RUN}`);
  const reason = "it waits for what is said in so many words that no line is long enough";
  const [, line = ""] = inWidth(130, [...ROW.slice(0, 4), "", reason]);
  expect(line).toContain(`${RUN}  success`);
  expect(line).toMatch(/it waits for what is said in so many words.*…$/);
});

test("ids are shown by their ends where not all fits else", () => {
  expect(inWidth(80, ROW)).toEqual([
    "RUN       STATUS   REF             STARTED  BY",
    "682097f5  success  examples.greet  1 s ago  run:682097f5",
  ]);
});

test("on a narrow terminal the first columns are shown, and none of which only crumbs are left", () => {
  expect(inWidth(40, ROW)).toEqual(["RUN       STATUS   REF", "682097f5  success  examples.greet"]);
  expect(inWidth(30, ROW)).toEqual(["RUN       STATUS   REF", "682097f5  success  examples.g…"]);
  expect(inWidth(5, ROW)).toEqual(["RUN", "6820…"]);
});

test("ids that no command takes a part of are whole, and cut", () => {
  const lines = tableLines(["REQUEST"], [[RUN]], { width: 20, keepsIds: true });
  expect(lines).toEqual(["REQUEST", "01a22196-efb5-7025-…"]);
});

test("without a width nothing is left out", () => {
  expect(tableLines(HEADINGS, [ROW])[1]).toContain(`run:${RUN}`);
});

import { expect, it } from "vitest";
import type { StepRecord } from "../engine/index.ts";
import { stepPage } from "./step-page.ts";

const step = (id: string, items: number | null, rounds?: number): StepRecord => ({
  ...({ id, status: "success", reason: null, uses: "t.a", input: null, output: null } as const),
  ...{ error: null, started_at: null, finished_at: null, attempts: [] },
  items: items === null ? null : views(items),
  ...(rounds === undefined ? {} : { rounds: views(rounds) }),
});

function views(count: number): NonNullable<StepRecord["items"]> {
  return Array.from({ length: count }, (_, index) => ({
    index,
    status: "success",
    output: null,
    error: null,
    attempts: [],
  }));
}

const shape = (steps: readonly StepRecord[]) =>
  steps.map(({ id, items, rounds }) => [id, (items ?? rounds)?.map(({ index }) => index) ?? null]);

function walk(steps: readonly StepRecord[], limit: number): unknown[] {
  const pages: unknown[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = stepPage(steps, { limit, cursor });
    pages.push(shape(page.rows));
    if (page.next === undefined) return pages;
    cursor = page.next;
  }
}

it("gives items as lines, and goes on with a step whose items do not all fit", () => {
  expect(walk([step("a", null), step("each", 4), step("again", null, 2), step("z", 0)], 3)).toEqual(
    [
      [
        ["a", null],
        ["each", [0, 1]],
      ],
      [
        ["each", [2, 3]],
        ["again", [0]],
      ],
      [
        ["again", [1]],
        ["z", []],
      ],
    ],
  );
});

it("gives a step again whose items have come since its page", () => {
  const { next } = stepPage([step("each", 0), step("z", null)], { limit: 1 });
  const { rows } = stepPage([step("each", 2), step("z", null)], { limit: 5, cursor: next });
  expect(shape(rows)).toEqual([
    ["each", [0, 1]],
    ["z", null],
  ]);
});

it("refuses a cursor of no step", () => {
  expect(() => stepPage([step("a", null)], { limit: 1, cursor: "b#1" })).toThrowError(
    expect.objectContaining({ code: "invalid_cursor" }),
  );
});

it("ends a page where what is on it comes to 8 MiB, and counts a step's own output once", () => {
  const large = "x".repeat(5 * 1024 * 1024);
  const each = step("each", 5);
  const items = each.items?.map((item) => ({ ...item, output: large })) ?? null;
  const steps = ["a", "b", "c"].map((id) => ({ ...step(id, null), input: large }));
  const pages = walk([...steps, { ...each, items, output: [large, large] }, step("z", null)], 100);
  expect(pages).toEqual([
    [
      ["a", null],
      ["b", null],
    ],
    [
      ["c", null],
      ["each", [0]],
    ],
    [["each", [1, 2]]],
    [["each", [3, 4]]],
    [["z", null]],
  ]);
});

import { expect, it } from "vitest";
import { bounded } from "./bounded.ts";

const numbered = (count: number, of: (i: number) => unknown = (i) => i): object =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, of(i)]));

const sizeOf = (value: object): number => JSON.stringify(bounded(value).value).length;

it("tells a small answer as it is", () => {
  const value = { id: "1", output: numbered(100) };
  expect(bounded(value)).toEqual({ value, cut: [] });
});

it("cuts a map of many fields, and says how many were left out", () => {
  const { value, cut } = bounded({ id: "1", output: numbered(20_000), status: "success" });
  expect(value).toMatchObject({ id: "1", output: { key0: 0 }, status: "success" });
  expect(cut).toEqual(["output: 19000 of 20000 fields left out"]);
});

it.each([
  ["maps of maps", numbered(40, () => numbered(40, () => numbered(40)))],
  ["lists of maps of lists", numbered(100, () => [numbered(100, () => [1, "x".repeat(100)])])],
  ["names of fields", { ["n".repeat(100_000)]: 1 }],
  ["numbers in maps", numbered(2, () => numbered(90_000))],
])("holds to its bound where %s are large", (_, output) => {
  expect(sizeOf({ id: "1", output })).toBeLessThan(50_000);
});

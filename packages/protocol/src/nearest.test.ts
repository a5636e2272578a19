import { expect, it } from "vitest";
import { nearest } from "./nearest.ts";

it("finds the likely slip, and nothing where none is near", () => {
  expect(nearest("proces", ["http", "process"])).toBe("process");
  expect(nearest("sned", ["send"])).toBe("send");
  expect(nearest("banana", ["http", "process"])).toBeUndefined();
});

it("takes no time for what a stranger made long", () => {
  const long = "x".repeat(50_000);
  const started = performance.now();
  expect(nearest(long, [`${long}y`, `${long}z`])).toBeUndefined();
  expect(nearest("x".repeat(200), [long])).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(200);
});

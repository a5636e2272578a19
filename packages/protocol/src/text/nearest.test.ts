import { expect, it } from "vitest";
import { nearest, nearestRef } from "./nearest.ts";

it("finds the likely slip, and nothing where none is near", () => {
  expect(nearest("proces", ["http", "process"])).toBe("process");
  expect(nearest("sned", ["send"])).toBe("send");
  expect(nearest("concurency", ["concurrency"])).toBe("concurrency");
  expect(nearest("ocncurency", ["concurrency"])).toBe("concurrency");
  expect(nearest("banana", ["http", "process"])).toBeUndefined();
  expect(nearest("gitlab", ["gitea", "forgejo", "github", "generic"])).toBeUndefined();
});

it.each([
  ["child", "shop.child"],
  ["chld", "shop.child"],
  ["store.child", "shop.child"],
  ["shop.chld", "shop.child"],
  ["sohp.parent", "shop.parent"],
  ["lane", "lane"],
  ["other", undefined],
  ["shop.other", undefined],
])("finds for the ref %s the one that may be meant, whatever pack it is in: %s", (word, ref) => {
  expect(nearestRef(word, ["a.thing", "shop.parent", "shop.child", "lane"])).toBe(ref);
});

it("takes no time for what a stranger made long", () => {
  const long = "x".repeat(50_000);
  const started = performance.now();
  expect(nearest(long, [`${long}y`, `${long}z`])).toBeUndefined();
  expect(nearest("x".repeat(200), [long])).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(2_000);
});

import { expect, it } from "vitest";
import { newNodeToken } from "./token-text.ts";

it("makes tokens of 256 bits that can stand behind an option", () => {
  const drawn = [Buffer.alloc(32, 0xfb), Buffer.alloc(32, 0xff)];
  expect(newNodeToken(() => drawn.shift() as Buffer)).toBe(`${"_".repeat(42)}8`);
  expect(drawn).toEqual([]);
});

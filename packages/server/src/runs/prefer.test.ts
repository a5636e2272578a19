import { describe, expect, it } from "vitest";
import { preferredWaitS } from "./prefer.ts";

describe("the Prefer header", () => {
  it.each([
    ["wait=10", 10],
    ["Wait = 10", 10],
    ['wait="10"', 10],
    ["respond-async, wait=10", 10],
    ["respond-async; x=1, wait=10; y", 10],
    ["wait=600", 60],
    ["wait=0", 0],
    ["wait", undefined],
    ["wait=soon", undefined],
    ["await=10", undefined],
    ["wait=-1", undefined],
    [undefined, undefined],
  ])("%s says %s", (header, seconds) => {
    expect(preferredWaitS(header)).toBe(seconds);
  });
});

import { describe, expect, it } from "vitest";
import { judgeCel, judgeQueries } from "./exceptions.fixture.ts";

describe.each([
  ["the conformance suite of CEL", judgeCel(), 2_300],
  ["the compliance suite of JMESPath", judgeQueries(), 800],
])("%s", (_, suite, least) => {
  const excepted = suite.exceptions.flatMap(({ names }) => names);

  it("is there in full", () => {
    expect(suite.total).toBeGreaterThan(least);
  });

  it("passes but for what is listed", () => {
    const listed = new Set(excepted);
    const wrong = [...suite.differing].filter(([name]) => !listed.has(name));
    expect(wrong).toEqual([]);
  });

  it("passes nothing that is listed, and lists nothing twice or in vain", () => {
    const differing = new Set(suite.differing.keys());
    expect(excepted.filter((name) => !differing.has(name))).toEqual([]);
    expect(new Set(excepted).size).toBe(excepted.length);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonExcess, measureJson } from "./json-measure.ts";

function list(length: number, item: (index: number) => string): string {
  return `[${Array.from({ length }, (_, index) => item(index)).join()}]`;
}

function counted(value: unknown): { keys: number; levels: number } {
  if (typeof value !== "object" || value === null) return { keys: 0, levels: 0 };
  const inner = Object.values(value).map(counted);
  return {
    keys: inner.reduce(
      (sum, { keys }) => sum + keys,
      Array.isArray(value) ? 0 : Object.keys(value).length,
    ),
    levels: 1 + Math.max(0, ...inner.map(({ levels }) => levels)),
  };
}

describe("the measure of a JSON text", () => {
  it("is what is found in its value, however it is written", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[\\"[{:,}\]]{0,200}$/));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(tie("tree")),
        fc.dictionary(text, tie("tree")),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
        const written = JSON.stringify(value, null, indent);
        expect(measureJson(written)).toEqual(counted(JSON.parse(written)));
      }),
    );
  });

  it.each([
    ["objects", (count: number) => list(count - 1, () => "{}")],
    ["lists", (count: number) => list(count - 1, () => "[]")],
    ["numbers", (count: number) => list(count - 1, () => "1")],
    ["texts", (count: number) => list(count - 1, () => '","')],
  ])("allows 200,000 values and not one more: %s", (_, written) => {
    expect(jsonExcess(written(199_999))).toBeUndefined();
    expect(jsonExcess(written(200_001))).toContain("it has more than 200,000 values ");
  });

  it("counts a key that is new where it stands as three values more, in one object or in many", () => {
    const object = (count: number) => `{${list(count, (i) => `"${i}" : 0`).slice(1, -1)}}`;
    const objects = (count: number) => list(count, (i) => `{"${i}":{}}`);
    expect(jsonExcess(object(49_999))).toBeUndefined();
    expect(jsonExcess(object(50_000))).toContain("it has more than 200,000 values");
    expect(jsonExcess(objects(39_999))).toBeUndefined();
    expect(jsonExcess(objects(40_000))).toContain("it has more than 200,000 values");
  });

  it("does not mind keys that come again, as those of rows and of pushes with thousands of commits do", () => {
    const commit = {
      ...{ id: "0".repeat(40), tree_id: "0".repeat(40), distinct: true, message: "m", url: "u" },
      ...{ timestamp: "2026-01-01T00:00:00Z", added: [], removed: ["a", "b"], modified: ["c"] },
      author: { name: "n", email: "e", username: "u" },
      committer: { name: "n", email: "e", username: "u" },
    };
    const commits = Array.from({ length: 2_048 * 4 }, () => commit);
    expect(jsonExcess(JSON.stringify({ commits }))).toBeUndefined();
    const rows = list(60_000, (i) => `{"id":${i},"name":"abc"}`);
    expect(jsonExcess(rows)).toBeUndefined();
  });

  it("tells how far into the text so many are, and looks no further", () => {
    expect(jsonExcess(list(3_000_000, () => "{}"))).toBe(
      "it has more than 200,000 values (a key unlike those before counts as three more): so many are in its first 599,999 of 9,000,001 characters",
    );
  });

  it("does not count what stands in a text", () => {
    const inside = '{"[{,:\\\\\\"'.repeat(50_000);
    const written = JSON.stringify([inside]);
    expect(measureJson(written)).toEqual({ keys: 0, levels: 1 });
  });
});

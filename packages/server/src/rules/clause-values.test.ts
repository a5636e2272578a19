import { describe, expect, it } from "vitest";
import { seenValues } from "./clause-values.ts";

const event = {
  type: "shop.sold",
  data: { n: 2, name: "Ada", "odd key": [{ x: null }], long: "y".repeat(2_000), list: ["a", "b"] },
};
const seen = (clause: string) =>
  seenValues(clause, event).map(({ path, found, value }) => [path, found ? value : undefined]);

describe("the values that a clause sees", () => {
  it.each<[string, [string, unknown][]]>([
    ["event.data.n > 1 && event.data.n < 5", [["event.data.n", 2]]],
    ['event.data["odd key"][0].x == null', [['event.data["odd key"][0].x', null]]],
    ['event . data . name.startsWith("A")', [["event.data.name", "Ada"]]],
    ["event.data.list.exists(l, l == 'event.data.n')", [["event.data.list", ["a", "b"]]]],
    ["has(event.data.gone)", [["event.data.gone", undefined]]],
    [
      "event.data.list[event.data.n].x",
      [
        ["event.data.list", ["a", "b"]],
        ["event.data.n", 2],
      ],
    ],
    ["event.data['name'] == r'\\event.type'", [["event.data.name", "Ada"]]],
    ["other.event.data == 1 || eventual == 2", []],
  ])("of %s", (clause, values) => {
    expect(seen(clause)).toEqual(values);
  });

  it("are cut where they are long, and say so", () => {
    const [long] = seenValues("event.data.long == ''", event);
    expect(long).toMatchObject({ found: true, cut: true, value: `"${"y".repeat(999)}` });
  });

  it("do not reach into what every object has", () => {
    expect(seen("event.data.constructor == 1")).toEqual([["event.data.constructor", undefined]]);
  });
});

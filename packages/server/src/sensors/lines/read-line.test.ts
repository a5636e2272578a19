import { compileValidator, type SensorDefinition } from "@yardmaster/kernel";
import { describe, expect, it } from "vitest";
import { MAX_CURSOR_BYTES, readLine } from "./read-line.ts";

const HOT = compileValidator({
  type: "object",
  properties: { celsius: { type: "number" }, unit: { type: "string", default: "C" } },
  required: ["celsius"],
});
const ANY = compileValidator({ type: "object" });
const sensor = (...events: [string, typeof HOT][]): SensorDefinition => ({
  ref: "p.s",
  process: { kind: "process", script: "", output: "none" },
  config: {},
  events: new Map(events),
  packDigest: "",
});
const TWO = sensor(["p.hot", HOT], ["p.beat", ANY]);
const ONE = sensor(["p.hot", HOT]);

const read = (value: unknown, of = TWO) =>
  readLine(Buffer.from(typeof value === "string" ? value : JSON.stringify(value)), of);
const reason = (value: unknown, of = TWO): string => {
  const line = read(value, of);
  return line.kind === "refused" ? line.reason : `not refused: ${line.kind}`;
};

describe("a line that is an event", () => {
  it("names its type whole or without the pack, or leaves it out where there is one alone", () => {
    const data = { celsius: 1 };
    for (const line of [
      read({ type: "p.hot", data }),
      read({ type: "hot", data }),
      read({ data }, ONE),
      read(` { "data": { "celsius": 1 } }\r`, ONE),
    ])
      expect(line).toMatchObject({
        kind: "event",
        event: { type: "p.hot", source: "/sensors/p.s", data: { celsius: 1, unit: "C" } },
        cursor: undefined,
      });
  });

  it("has an id, a subject, a time and a cursor of its own", () => {
    const given = { type: "beat", data: {}, id: "1", subject: "x", time: "2026-01-01T00:00:00Z" };
    expect(read({ ...given, cursor: { at: [1] } })).toMatchObject({
      kind: "event",
      event: { id: "1", subject: "x", time: "2026-01-01T00:00:00Z" },
      cursor: { at: [1] },
    });
    expect(read({ ...given, cursor: null })).toMatchObject({ kind: "event", cursor: null });
  });
});

it("a line with a cursor alone stores that, and an empty one nothing", () => {
  expect(read({ cursor: 7 })).toEqual({ kind: "cursor", cursor: 7 });
  expect(read({ cursor: null })).toEqual({ kind: "cursor", cursor: null });
  for (const line of ["", " ", "\t\r", " ".repeat(100)])
    expect(read(line)).toEqual({ kind: "empty" });
});

describe("a line that is no event is refused with its place", () => {
  it("where it is no JSON, or no object", () => {
    expect(reason("reading 41 °C")).toMatch(/^no JSON from column 1: /);
    expect(reason('{"type":"hot","data":{"celsius":1}')).toMatch(/^no JSON from column \d+: /);
    expect(reason('{"data":{"celsius":1,"celsius":2}}', ONE)).toContain("celsius");
    expect(reason("[1]")).toBe("it is no JSON object");
    expect(reason("{}")).toContain("/type is missing: the sensor declares p.hot, p.beat");
  });

  it("where it is not UTF-8, or too long", () => {
    const line = readLine(Buffer.from([0x22, 0xff, 0x22]), TWO);
    expect(line).toEqual({ kind: "refused", reason: expect.stringContaining("not UTF-8") });
    expect(readLine(undefined, TWO)).toEqual({
      kind: "refused",
      reason: "it is longer than 1 MiB (1048576 bytes), and was not kept",
    });
  });

  it("where its type is not declared", () => {
    expect(reason({ type: "hott", data: {} })).toBe(
      '/type: the sensor declares no event "hott" (did you mean p.hot?)',
    );
    expect(reason({ type: "yard.run.finished", data: {} })).toContain("it declares p.hot, p.beat");
    expect(reason({ type: 1, data: {} })).toBe("/type must be text");
  });

  it("where its data is missing, or does not fit", () => {
    expect(reason({ type: "hot" })).toBe("/data is missing");
    expect(reason({ type: "hot", data: { celsius: "41" } })).toMatch(/^\/data\/celsius expected/);
    expect(reason({ type: "hot", data: {} })).toContain("/data/celsius celsius is required");
  });

  it("where another attribute is wrong, or not known", () => {
    const hot = { type: "hot", data: { celsius: 1 } };
    expect(reason({ ...hot, time: "yesterday" })).toContain("/time is not a time");
    expect(reason({ ...hot, id: "" })).toContain("/id");
    expect(reason({ ...hot, subjct: "x" })).toBe(
      '"subjct" is not known in a line (did you mean subject?)',
    );
    expect(reason({ ...hot, cursor: "x".repeat(MAX_CURSOR_BYTES) })).toMatch(
      /^\/cursor has 65538 bytes/,
    );
    expect(reason('{"type":"beat","data":{"__proto__":1}}')).toContain("__proto__");
    expect(reason('{"type":"beat","data":{"a":"\\u0000"}}')).toContain("NUL");
  });
});

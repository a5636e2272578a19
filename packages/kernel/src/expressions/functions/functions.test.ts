import { describe, expect, it } from "vitest";
import { errorOf, loadErrors, resultOf, typed, UNTYPED } from "../expression.fixture.ts";
import { functionReference } from "../reference.ts";

describe("every function", () => {
  it.each(functionReference().map(({ name, example }) => [name, example]))(
    "%s does what its example shows: %s",
    (_, example) => {
      expect(resultOf(example)).toBe(true);
    },
  );
});

it.each([
  "math.trunc(-0.5)",
  "math.ceil(-0.5)",
  "math.round(-0.4)",
  "math.bitShiftLeft(1, 64)",
  "duration('-500ms').getSeconds()",
  "duration('-1s').getMilliseconds()",
])("%s is 0, without a sign", (source) => {
  expect(resultOf(source)).toBe(0);
});

describe("patterns", () => {
  it.each([
    ["regex.extract('aaa', '(a+?)(?:a)')", "a"],
    ["regex.extract('foobar', 'foo|foobar')", "foo"],
    ["regex.extractAll('aXbX', '[a-z]X')", ["aX", "bX"]],
    ["regex.replace('abc', '', '-')", "-a-b-c-"],
    ["regex.replace('baaac', 'a*', 'x')", "xbxcx"],
    ["regex.replace('a.b.c', r'\\.', '/', 1)", "a/b.c"],
    ["regex.split('a1b22', '[0-9]+')", ["a", "b", ""]],
    ["regex.groups('x=', '(.)=(.)?')", ["x=", "x", null]],
    ["regex.groups('zz', 'a')", []],
    ["regex.replace('😀a😀', '😀', 'x')", "xax"],
    ["default(regex.extract('abc', '[0-9]+'), '0')", "0"],
    ["regex.replace('a-a', 'a', r'\\\\')", "\\-\\"],
    ["regex.replace('aa', 'a', 'b', 0)", "aa"],
  ])("%s", (source, expected) => {
    expect(resultOf(source)).toEqual(expected);
  });

  it("agree with JavaScript's on what both can do", () => {
    for (const [pattern, text] of [
      ["(a|ab)(c|bcd)(d*)", "abcd"],
      ["(a*)(ab)*(b*)", "abb"],
      ["((a)|b)*", "abab"],
      ["^(\\w+)\\s(\\w+)$", "Ada Lovelace"],
      ["(x?)(x??)(y{2,3})", "xxyyyy"],
    ] as const) {
      const groups = [...(new RegExp(pattern).exec(text) ?? [])];
      const ours = resultOf("regex.groups(v, w)", { v: text, w: pattern }) as unknown[];
      expect(ours[0]).toBe(groups[0]);
      expect(ours).toHaveLength(groups.length);
    }
  });

  it("that cannot be used are found at load where they are written out", () => {
    expect(loadErrors("v.matches('(')", UNTYPED)[0]?.message).toContain("a ( without its )");
    expect(loadErrors("regex.replace(v, '[', '')", UNTYPED)[0]?.message).toContain(
      "cannot be used",
    );
    expect(loadErrors("jmespath(v, '[?n > 1]')", UNTYPED)[0]?.message).toContain(
      "1 does not belong here (a value is written `1`)",
    );
    expect(errorOf("'a'.matches(v)", { v: "(" }).message).toContain("a ( without its )");
  });
});

describe("lists and maps", () => {
  it.each([
    ["[7].first() + [7].last() + [7].min() + [7].max()", 28],
    ["[1, 2].slice(0, 2)", [1, 2]],
    ["[1, 2].slice(2, 2)", []],
    ["[[1, [2]]].flatten(0)", [[1, [2]]]],
    ["[[1], {'a': 1}, [1], {'a': 2}, {'a': 1}].distinct()", [[1], { a: 1 }, { a: 2 }]],
    ["[duration('0s'), timestamp('1970-01-01T00:00:00Z')].distinct().map(x, 1)", [1, 1]],
    ["sets.contains([[1], [2]], [[2], [1]])", true],
    ["sets.contains([[1], 2], [[2]])", false],
    ["sets.contains([1, 2], [2, 3])", false],
  ])("%s", (source, expected) => {
    expect(resultOf(source)).toEqual(expected);
  });
});

describe("times", () => {
  it.each([
    ["time.startOf(timestamp('2026-11-20T13:51:49Z'), 'week')", "2026-11-16T00:00:00.000Z"],
    ["time.startOf(timestamp('2026-11-20T13:51:49Z'), 'year')", "2026-01-01T00:00:00.000Z"],
    // The clocks go forward in the night to 29 March 2026 in Berlin.
    [
      "time.startOf(timestamp('2026-03-29T12:00:00Z'), 'day', 'Europe/Berlin')",
      "2026-03-28T23:00:00.000Z",
    ],
    // The hour from 2 to 3 is there twice on 25 October 2026; each is its own hour.
    [
      "time.startOf(timestamp('2026-10-25T01:30:00Z'), 'hour', 'Europe/Berlin')",
      "2026-10-25T01:00:00.000Z",
    ],
    // An hour before the clocks change, where the zone's offset is not that of the same time in UTC.
    ["time.parse('2026-03-29 01:30', '%F %H:%M', 'Europe/Berlin')", "2026-03-29T00:30:00.000Z"],
    ["time.parse('29 Feb 2028 01:05 PM', '%d %b %Y %I:%M %p')", "2028-02-29T13:05:00.000Z"],
    ["time.parse('20261120T135149+0100', '%Y%m%dT%H%M%S%z')", "2026-11-20T12:51:49.000Z"],
    ["time.parse('1700000000', '%s')", "2023-11-14T22:13:20.000Z"],
    ["time.format(timestamp('2027-01-01T00:00:00Z'), '%j %V %u %p %I')", "001 53 5 AM 12"],
    ["time.format(timestamp('2027-01-01T15:00:00Z'), '%p %I %z')", "PM 03 +0000"],
  ])("%s", (source, expected) => {
    expect(resultOf(source)).toBe(expected);
  });

  it.each([
    ["time.parse('2026-02-30', '%F')", "is not a real time"],
    ["time.parse('2026-2-3', '%F')", "does not fit"],
    ["time.parse('2026-02-03x', '%F')", "does not fit"],
  ])("%s is an error", (source, message) => {
    expect(errorOf(source).message).toContain(message);
  });

  it.each([
    ["time.format(v, '%Q')", "%Q is not known in a layout"],
    ["time.format(v, '%F', 'Mars/Olympus')", "there is no time zone"],
    ["v.getHours('Mars/Olympus')", "there is no time zone"],
    ["time.startOf(v, 'fortnight')", "there is no unit"],
    ["now()", "there is no function now()"],
  ])("%s is refused at load", (source, message) => {
    expect(loadErrors(source, UNTYPED)[0]?.message).toContain(message);
  });

  it("does not read the clock, and says what to use instead", () => {
    expect(loadErrors("now() - duration('1h')", UNTYPED)[0]?.hint).toContain("run.created_at");
  });
});

describe("lists of declared times", () => {
  const types = typed({ delays: "duration[]!" });
  const scope = { input: { delays: ["1h", "90s", "2m"] } };

  it("are put in order, summed and taken from as times, not as the text that they are in JSON", () => {
    expect(resultOf("input.delays.sort()", scope, types)).toEqual(["90s", "120s", "3600s"]);
    expect(resultOf("input.delays.max() == duration('60m')", scope, types)).toBe(true);
    expect(resultOf("input.delays.sum()", scope, types)).toBe("3810s");
    expect(resultOf("input.delays.first().getMinutes()", scope, types)).toBe(60);
  });
});

describe("calls that do not fit", () => {
  it.each([
    ["math.abss(1)", "there is no function math.abss()", "did you mean math.abs()?"],
    ["sha256('a')", "there is no function sha256()", "write hash.sha256(…)"],
    ["math.abs()", "math.abs() takes 1 arguments, not 0", undefined],
    ["[1].sort(2)", "sort() takes 0 arguments, not 1", undefined],
    ["math.abs('x')", "math.abs() takes a double or an int, and 'x' is a string", undefined],
    ["b'é'", "bytes in quotes are written in ASCII", "write bytes('é')"],
  ])("%s", (source, message, hint) => {
    const [error] = loadErrors(source, UNTYPED);
    expect(error).toMatchObject({ message });
    expect(error?.hint).toBe(hint);
  });

  it.each([
    ["[1, 'a'].sort()", "values of one kind that has an order"],
    ["[].min()", "min() of an empty list"],
    ["json.decode('{')", "it is not JSON"],
    ["json.decode('[1e400]')", "1e400 is too large for a number"],
    ["json.decode('12345678901234567890')", "put it in quotes if it is an id"],
    ["base64.decode('a b')", "it is not base64"],
    ["hex.decode('abc')", "it is not pairs"],
    ["url.decode('%zz')", "a % does not fit"],
    ["string(b'\\xff')", "they are not UTF-8"],
    ["[1].slice(0, 5)", "outside the list, which has 1 items"],
    ["[1, 2].slice(-1, 1)", "slice(-1, 1) is outside the list"],
    ["[1, 2].slice(2, 1)", "slice(2, 1) is outside the list"],
    ["[[1]].flatten(-1)", "flatten() goes -1 deep"],
    ["['a'].sum()", "sum() takes a list of numbers or of durations"],
    ["[null, 1].sum()", "sum() takes a list of numbers or of durations"],
    ["[null].avg()", "sum() takes a list of numbers or of durations"],
    ["[1, 'a'].sum()", "an int + a string"],
    ["[duration('1s')].avg()", "avg() takes a list of numbers"],
    ["[].avg()", "avg() of an empty list"],
    ["maps.fromEntries([{'key': 1, 'value': 1}])", "where each key is a string"],
    ["maps.fromEntries([{'key': 'a'}])", "a list of {'key': …, 'value': …}"],
    ["maps.fromEntries([1])", "a list of {'key': …, 'value': …}"],
    ["regex.extract('ab', '(a)(b)')", "at most one group"],
    ["regex.replace('a', '(a)', r'\\2')", "the replacement has \\2, and the pattern has 1 groups"],
    ["regex.replace('a', 'a', r'\\n')", "write \\\\ for a backslash"],
    ["math.bitShiftLeft(1, 60)", "beyond 2^53"],
  ])("%s is an error that says why", (source, message) => {
    expect(errorOf(source).message).toContain(message);
  });

  it("lets a variable go before a namespace of its name", () => {
    expect(resultOf("['a'].map(math, math.contains('a'))")).toEqual([true]);
  });
});

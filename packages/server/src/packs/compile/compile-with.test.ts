import { expect, test } from "vitest";
import { compile, problemsOf } from "./compile.fixture.ts";

const ACTION = `
action: p.take
runner: process
script: cat
input_schema:
  type: object
  properties:
    text: { type: string }
    n: { type: integer }
    ratio: { type: number }
    flag: { type: boolean }
    delay: { type: string, format: duration }
    at: { type: string, format: date-time }
    names: { type: array, items: { type: string } }
    level: { enum: [low, high] }
    point: { type: object, properties: { x: { type: number }, y: { type: number } }, required: [x], additionalProperties: false }
    tree: { $ref: "#/$defs/tree" }
    choice: { oneOf: [{ type: string }, { type: integer }] }
  $defs:
    tree: { type: object, properties: { of: { $ref: "#/$defs/tree" }, leaf: { type: string } } }
  additionalProperties: false
`;
const MADE =
  "action: p.made\nrunner: process\nscript: echo\noutput: { n: integer, texts: 'string[]' }\n";
const INPUT =
  "input: { text: string, n: integer, ratio: number, flag: boolean, delay: duration, at: timestamp, names: 'string[]', maybe: string*, any: any, point: { type: object, properties: { x: { type: string } } } }";

/** Of a step that calls the action with this, from the place of `with` on. */
function problemsOfWith(given: string): string[] {
  const workflow = `workflow: p.w\n${INPUT}\nsteps:\n  - id: made\n    uses: p.made\n  - id: s\n    uses: p.take\n    with: ${given}\n`;
  const files = {
    "actions/take.yaml": ACTION,
    "actions/made.yaml": MADE,
    "workflows/w.yaml": workflow,
  };
  return problemsOf(files).map((line) =>
    line.replace("workflows/w.yaml:8:", "").replace(" does not fit p.take", ""),
  );
}

test.each([
  [
    "a number for a duration",
    `{ delay: "\${{ 5 }}" }`,
    '25: with.delay: expected a duration such as 1h30m, 45s or 500ms, and ${{ 5 }} is an int (give it a unit: "${{ 5 }}s")',
  ],
  [
    "a literal of the right type in the wrong form",
    `{ delay: "\${{ 'soon' }}" }`,
    '25: with.delay: expected a duration such as 1h30m, 45s or 500ms, got "soon"',
  ],
  [
    "a time for a duration",
    `{ delay: "\${{ input.at }}" }`,
    "25: with.delay: expected a duration such as 1h30m, 45s or 500ms, and ${{ input.at }} is a timestamp",
  ],
  [
    "a number for a text",
    `{ text: "\${{ steps.made.output.n }}" }`,
    '24: with.text: expected a string, and ${{ steps.made.output.n }} is an int (write "${{ string(steps.made.output.n) }}")',
  ],
  [
    "a text for a number",
    `{ n: "\${{ input.text }}" }`,
    '21: with.n: expected an integer, and ${{ input.text }} is a string (write "${{ int(input.text) }}")',
  ],
  [
    "text around an expression for a number",
    `{ n: "\${{ input.n }} " }`,
    "17: with.n: expected an integer, and text around ${{ }} is a string (write the ${{ }} alone, and it keeps its type)",
  ],
  [
    "one for a list",
    `{ names: "\${{ input.text }}" }`,
    '25: with.names: expected a list, and ${{ input.text }} is a string (write "${{ [input.text] }}")',
  ],
  [
    "a list of something else",
    `{ names: "\${{ [1, 2] }}" }`,
    "25: with.names: expected a string, and each item of ${{ [1, 2] }} is an int",
  ],
  [
    "an item of a list",
    `{ names: ["\${{ input.any }}", "\${{ input.flag }}"] }`,
    '46: with.names.1: expected a string, and ${{ input.flag }} is a bool (write "${{ string(input.flag) }}")',
  ],
  [
    "a field of an object that the caller declares",
    `{ point: "\${{ input.point }}" }`,
    "25: with.point: expected a number, and x of ${{ input.point }} is a string",
  ],
  [
    "a constant beside an expression",
    `{ text: "\${{ input.any }}", level: middle, ratio: [] }`,
    '46: with.level: expected one of "low", "high", got "middle"',
    "61: with.ratio: expected a number, got a list",
  ],
  [
    "the names of an object",
    `{ point: { y: "\${{ input.n }}", z: 1 } }`,
    "20: with.point.x: it is required",
    "46: with.point.z: there is no such field (there is x, y)",
  ],
  [
    "what a reference leads to",
    `{ tree: { of: { leaf: "\${{ input.n }}" } } }`,
    '38: with.tree.of.leaf: expected a string, and ${{ input.n }} is an int (write "${{ string(input.n) }}")',
  ],
  [
    "what may be null, where neither fits",
    `{ n: "\${{ input.maybe }}" }`,
    '21: with.n: expected an integer, and ${{ input.maybe }} is a string or null (write "${{ int(input.maybe) }}")',
  ],
])("the types of expressions in `with` are checked at load: %s", (_, given, ...expected) => {
  expect(problemsOfWith(given)).toEqual(expected);
});

test.each([
  ["of any kind", `{ n: "\${{ input.any }}", delay: "\${{ input.any.x }}" }`],
  ["text that may have the form", `{ delay: "\${{ input.n }}s", at: "\${{ input.text }}" }`],
  ["of two kinds", `{ n: "\${{ input.flag ? 1 : 'a' }}" }`],
  ["a number that may be whole", `{ n: "\${{ input.ratio * 2 }}", ratio: "\${{ input.n }}" }`],
  ["that may be null", `{ text: "\${{ input.maybe }}" }`],
  ["of a schema with choices", `{ choice: "\${{ input.flag }}" }`],
  ["durations and times as text", `{ text: "\${{ input.delay }}", delay: "\${{ input.delay }}" }`],
  ["a whole map", `"\${{ input.any }}"`],
  ["lists of what is not known", `{ names: "\${{ [] }}" }`],
])("where a type is not certain nothing is said: %s", (_, given) => {
  expect(problemsOfWith(given)).toEqual([]);
});

test("a `with` that is one expression lacks what its type has not", () => {
  const files = {
    "workflows/inner.yaml":
      "workflow: p.inner\ninput: { n: integer! }\nsteps:\n  - { id: s, uses: core.noop }\n",
    "workflows/w.yaml":
      'workflow: p.w\ninput: { o: { type: object, properties: { m: { type: integer } }, additionalProperties: false } }\nsteps:\n  - { id: s, uses: p.inner, with: "${{ input.o }}" }\n',
  };
  expect(problemsOf(files)).toEqual([
    "workflows/w.yaml:4:40: with does not fit p.inner: n is required, and ${{ input.o }} has no field of that name",
  ]);
});

test("so are those in an undo, in a rule and in the request of an http action", () => {
  const files = {
    "actions/call.yaml":
      'action: p.call\nrunner: http\ninput: { names: "string[]!" }\nurl: "${{ input.names }}"\nredirects: 3\n',
    "workflows/w.yaml":
      'workflow: p.w\ninput: { who: string! }\nsteps:\n  - { id: s, uses: core.noop, undo: { uses: core.log, with: { text: "${{ input }}" } } }\n',
    "rules/r.yaml": 'rule: p.r\non: shop.sale\nrun: p.w\nwith: { who: "${{ [event.type] }}" }\n',
  };
  expect(problemsOf(files)).toEqual([
    "actions/call.yaml:4:11: url: expected a string, and ${{ input.names }} is a list",
    "rules/r.yaml:4:19: with.who does not fit p.w: expected a string, and ${{ [event.type] }} is a list",
    "workflows/w.yaml:4:74: with.text does not fit core.log: expected a string, and ${{ input }} is a map",
  ]);
});

test("a stored pack that an earlier build took stays usable", () => {
  const files = {
    "workflows/w.yaml":
      'workflow: p.w\nsteps:\n  - { id: s, uses: core.sleep, with: { duration: "${{ 5 }}" } }\n',
  };
  expect(compile(files).pack).toBeUndefined();
  expect(compile(files, { isStored: true }).pack?.name).toBe("p");
});

test("a name is an input too where a pattern of the schema speaks of it", () => {
  const action =
    'action: p.take\nrunner: process\nscript: cat\ninput_schema:\n  type: object\n  properties: { k: { type: string } }\n  patternProperties: { "^x-": { type: string } }\n  additionalProperties: false\n';
  const calls = ['{ x-a: b, k: "${{ input.v }}" }', "{ x-a: b }", "{ y-a: b }", "{ x-a: 1 }"];
  const steps = calls.map((given, i) => `  - { id: s${i}, uses: p.take, with: ${given} }\n`);
  const workflow = `workflow: p.w\ninput: { v: string! }\nsteps:\n${steps.join("")}`;
  expect(problemsOf({ "actions/take.yaml": action, "workflows/w.yaml": workflow })).toEqual([
    expect.stringContaining("with.y-a does not fit p.take: there is no such input"),
    expect.stringContaining("with.x-a does not fit p.take: expected a string, got a number"),
  ]);
});

test("a format that is a slip of one that is known is told at its place, of a field and of a whole schema", () => {
  const of = (schema: string) =>
    problemsOf({ "actions/a.yaml": `action: p.a\nrunner: process\nscript: cat\n${schema}\n` });
  const said = 'there is no format emial (did you mean "email"?)';
  expect(of("input: { to: { type: string, format: emial }, n: integer }")).toEqual([
    `actions/a.yaml:4:38: ${said}`,
  ]);
  expect(of("output_schema:\n  properties:\n    to: { format: emial }")).toEqual([
    `actions/a.yaml:6:19: ${said}`,
  ]);
  expect(of("input: { hue: { type: string, format: x-hue } }")).toEqual([]);
});

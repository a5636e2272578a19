import {
  createProblemList,
  type DocumentNode,
  formatProblem,
  jsonOf,
  nodeAt,
  type ScalarNode,
} from "@yardmaster/kernel";
import { expect, test } from "vitest";
import { parseYaml } from "./yaml-document.ts";

function parse(text: string | Buffer): { root: DocumentNode | undefined; problems: string[] } {
  const list = createProblemList();
  const root = parseYaml("f.yaml", Buffer.from(text), list.report);
  return { root, problems: list.sorted().map(formatProblem) };
}

/** Line and column of the character at `offset` of the text under `key`. */
function placeIn(text: string, key: string, offset: number): string {
  const node = nodeAt(parse(text).root as DocumentNode, [key]);
  if (node.kind !== "scalar") throw new Error(`${key} is no scalar`);
  const { line, column } = node.inside(offset);
  return `${line}:${column}`;
}

test("every value knows its line and column", () => {
  const { root } = parse("a: 1\nb:\n  - x\n  - { c: true }\n");
  expect(jsonOf(root as DocumentNode)).toEqual({ a: 1, b: ["x", { c: true }] });
  const deep = nodeAt(root as DocumentNode, ["b", 1, "c"]);
  expect(deep.place).toEqual({ file: "f.yaml", line: 4, column: 10 });
});

test.each([
  ["plain", "k: abc def", 4, "1:8"],
  ["single quotes", "k: 'it''s x'", 5, "1:11"],
  ["double quotes with escapes", 'k: "a\\u0041\\n b"', 3, "1:14"],
  ["a block", "x: 1\nk: |\n    one\n    two\n", 5, "4:6"],
  ["a block with an empty line first", "k: |\n\n  one\n", 2, "3:4"],
  ["a block with Windows line ends", "k: |\r\n  one\r\n  two\r\n", 5, "3:4"],
  ["a folded block, whose start is all that is known", "k: >\n  one\n  two\n", 5, "1:4"],
])("a place inside a text is found: %s", (_name, text, offset, place) => {
  expect(placeIn(text, "k", offset)).toBe(place);
});

test("a comment that cuts a plain text is noticed, a quoted # is not", () => {
  const { root } = parse("a: x # y\nb: 'x # y'\nc: x\n# note\n");
  const cut = ["a", "b", "c"].map((key) => {
    const node = nodeAt(root as DocumentNode, [key]);
    return node.kind === "scalar" && node.cutByComment;
  });
  expect(cut).toEqual([true, false, false]);
});

test("a tag is an error with the hint to quote, and the rest of the file is still read", () => {
  const { root, problems } = parse("if: !has(x)\nb: 1\n");
  expect(problems).toEqual([
    'f.yaml:1:5: YAML takes a value that begins with "!" for a tag (put the value in quotes)',
  ]);
  expect(jsonOf(root as DocumentNode)).toEqual({ b: 1 });
});

test.each([
  ["a: 1\na: 2\n", "f.yaml:2:1: this key is given twice"],
  ["a: [1, 2\n", "f.yaml:2:1: not valid YAML"],
  ["a: 1\n---\nb: 1\n", 'f.yaml:2:1: one file holds one definition: "---" begins another'],
  ["a: 12345678901234567890\n", "f.yaml:1:4: 12345678901234567890 is too big to be exact"],
  ["a: .inf\n", "f.yaml:1:4: .inf is no number that JSON knows"],
  ['a: "x\\0"\n', "f.yaml:1:4: the text holds a character that cannot be stored"],
  ['a: "\\ud800"\n', "f.yaml:1:4: the text holds a character that cannot be stored"],
  ["a: !!binary aGk=\n", 'f.yaml:1:4: YAML takes a value that begins with "!" for a tag'],
  ["", "f.yaml:1:1: the file is empty"],
  ["a: *gone\n", "f.yaml:1:4: nothing is marked &gone"],
])("%j is refused", (text, problem) => {
  const { problems } = parse(text);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(problem);
});

test.each([
  [
    "a list's type in braces",
    "workflow: a.b\ninput: { n: integer!, list: string[] }\nsteps:\n  - id: a\n    uses: core.log\n",
    'f.yaml:2:35: not valid YAML: Unexpected flow-seq-start at node end (inside { } and [ ] a type of lists needs quotes: "string[]")',
  ],
  [
    "a template of other systems",
    "a: {{ x }}\n",
    "f.yaml:1:5: not valid YAML here: a key must be text (an expression is written ${{ … }})",
  ],
  [
    "an expression in braces",
    "a: {b: ${{ x }}}\nc: 1\nd: 2\n",
    'f.yaml:1:9: not valid YAML: Unexpected flow-map-start at node end (inside { } and [ ] an expression needs quotes: "${{ … }}")',
  ],
  [
    "a key that is indented too deep",
    "steps:\n  - id: a\n    uses: core.log\n      with: { a: 1 }\n  - id: b\n",
    "f.yaml:4:7: not valid YAML: this key is indented deeper than the line before it, which has a value already (bring the line to the indentation of its neighbours, or quote the value)",
  ],
  [
    "a key that is not indented enough",
    "steps:\n  - id: a\n   uses: core.log\n  - id: b\n",
    "f.yaml:3:1: not valid YAML: Sequence item without - indicator (bring the line to the indentation of its neighbours)",
  ],
  [
    "a tab before a line of a script",
    "a: 1\nscript: |\n\techo tab\n",
    "f.yaml:3:1: not valid YAML: a tab indents this line (indent with spaces)",
  ],
  [
    "quotes that stay open",
    "a: 'x\nb: 1\n",
    "f.yaml:3:1: not valid YAML: Missing closing 'quote (close the quotes)",
  ],
  [
    "a bracket that stays open",
    "b: [1, 2\nc: 3\nd: [\n",
    "f.yaml:2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ] (close it with ])",
  ],
])("%s is told once, and nothing that follows from it", (_name, text, problem) => {
  expect(parse(text).problems).toEqual([problem]);
});

test("slips of single values are told all at once, up to the first that the parser loses its way at", () => {
  const { problems } = parse("a: !x 1\nb: @c\nd: e: f\ng: `h\ni: [1\nj: %k\nl: m: n\n");
  expect(problems.map((problem) => problem.split(" ")[0])).toEqual([
    "f.yaml:1:4:",
    "f.yaml:2:4:",
    "f.yaml:3:4:",
    "f.yaml:4:4:",
    "f.yaml:6:1:",
  ]);
});

test("a file that is no text is refused", () => {
  expect(parse(Buffer.from([0x61, 0xff, 0xfe])).problems).toEqual([
    "f.yaml:1:1: the file is not UTF-8 text",
  ]);
});

test("a key __proto__ is a key like others and touches no prototype", () => {
  const value = jsonOf(parse("__proto__: { polluted: true }\n").root as DocumentNode);
  expect(Object.keys(value as object)).toEqual(["__proto__"]);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test("aliases are followed, and a bomb of them is refused in time", () => {
  const fine = parse("a: &x { n: 1 }\nb: *x\n");
  expect(jsonOf(fine.root as DocumentNode)).toEqual({ a: { n: 1 }, b: { n: 1 } });
  const lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 12; i++)
    lines.push(
      `l${i}: &l${i} [${Array(10)
        .fill(`*l${i - 1}`)
        .join(", ")}]`,
    );
  const { problems } = parse(lines.join("\n"));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain("more than 50000 values with its aliases followed");
});

test("an alias to what it stands in is refused", () => {
  const { problems } = parse("a: &x [*x]\n");
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain("more than 64 levels deep");
});

test("depth and size are limited", () => {
  const bottomless = [
    "[".repeat(100_000),
    "- ".repeat(100_000),
    "{a: ".repeat(50_000),
    "a: ".repeat(50_000),
  ];
  for (const text of bottomless)
    expect(parse(text).problems).toEqual(["f.yaml:1:1: the file is nested too deeply"]);
  expect(parse(`a: ${"[".repeat(70)}${"]".repeat(70)}`).problems).toEqual([
    "f.yaml:1:68: the file is more than 64 levels deep",
  ]);
  expect(parse("#".repeat(256 * 1_024 + 1)).problems).toEqual([
    "f.yaml:1:1: the file has 262145 bytes; 262144 are allowed (put long code into a file of its own)",
  ]);
  expect(parse("- a\n".repeat(20_000)).problems).toEqual([
    expect.stringMatching(
      /^f\.yaml:1:1: the file cannot be read at once: it has more than 50,000 tokens .* \(divide it into several\)$/,
    ),
  ]);
});

test("one key among many that is given twice is found", () => {
  const keys = Array.from({ length: 5_000 }, (_, i) => `  k${i}: 1\n`).join("");
  expect(parse(`a:\n${keys}`).problems).toEqual([]);
  expect(parse(`a:\n${keys}  k7: 2\n`).problems).toEqual([
    "f.yaml:5002:3: this key is given twice",
  ]);
});

test("the end of a block of text stands inside the file", () => {
  const { root } = parse("a: |\n  x\n");
  const text = nodeAt(root as DocumentNode, ["a"]) as ScalarNode;
  expect(text.inside(2)).toEqual({ file: "f.yaml", line: 3, column: 1 });
});

test("what stands behind a lone ! is never passed over in silence", () => {
  const hint = 'YAML takes a value that begins with "!" for a tag (put the value in quotes)';
  expect(parse("if: ! has(x)\n").problems).toEqual([`f.yaml:1:7: ${hint}`]);
  expect(parse("!").problems).toEqual([`f.yaml:1:2: ${hint}`]);
  expect(parse("a: [x, ! y]\n").problems).toEqual([`f.yaml:1:10: ${hint}`]);
});

test("errors behind lines that make no sense stand in their own lines", () => {
  const { problems } = parse(': {t{}}"\n \n: "\n');
  expect(problems.length).toBeGreaterThan(0);
  for (const problem of problems) expect(problem).toMatch(/^f\.yaml:[1-4]:[1-9]:/);
});

import { expect, test } from "vitest";
import { inOwnTurn } from "../../json/own-turn.fixture.ts";
import { errorOf, outputOf, setUp } from "../attempt.fixture.ts";

/** A command that prints exactly these bytes. */
function printing(bytes: string | Buffer): { command: string[] } {
  const code = `process.stdout.write(Buffer.from("${Buffer.from(bytes).toString("base64")}", "base64"))`;
  return { command: [process.execPath, "-e", code] };
}

test("the whole of stdout is one JSON value, with space around it", async () => {
  const { run } = setUp();
  const result = await run(printing(' \n {"ok": [1, "ü", null]}\r\n\t '));
  expect(outputOf(result)).toEqual({ ok: [1, "ü", null] });
});

test("an empty stdout is null as JSON and empty as text", async () => {
  const { sh } = setUp();
  expect(outputOf(await sh(":"))).toBeNull();
  expect(outputOf(await sh("echo; echo"))).toBeNull();
  expect(outputOf(await sh(":", { output: "text" }))).toBe("");
});

test.each([
  ["a log line before the result", 'starting\n{"ok":true}', 1, 1],
  ["two values", '{"ok":true}\n{"ok":false}', 2, 1],
  ["a value that is cut", '{\n  "ok": [1,\n', 3, 1],
  ["single quotes", "{'ok': 1}", 1, 2],
  ["a trailing comma", "[1,\n 2,\n]", 3, 1],
  ["a word of Python", '{"ok":\n True}', 2, 2],
  ["a NUL in a string", '["\\u0000"]', 1, 3],
  ["a number that JSON cannot hold", '{"a":\n -1e400}', 2, 2],
  ["an id that would lose digits", "[12345678901234567890]", 1, 2],
  ["a key given twice", '{"words":1,\n "words":2}', 2, 2],
  ["a key given twice, once as an escape", '[{"a":{"b":":"}, "\\u0061":2}]', 1, 18],
  ["half a surrogate pair", '["ok", "\\ud83d!"]', 1, 9],
  ["the other half", '["\\uDE82"]', 1, 3],
  ["a control character", '"a\tb"', 1, 3],
  ["bytes that are no UTF-8", Buffer.from([0x22, 0x41, 0xff, 0x22]), 1, 3],
  ["such bytes after a U+FFFD of its own", Buffer.from([0x22, 0xef, 0xbf, 0xbd, 0xc3, 0x22]), 1, 3],
  ["nesting without end", "[".repeat(5000) + "]".repeat(5000), 1, 1001],
])("%s fails with its position", async (_name, printed, line, column) => {
  const { run } = setUp();
  const error = errorOf(await run(printing(printed)));
  expect(error).toMatchObject({ code: "invalid_output", details: { line, column } });
  expect(error.message).toContain(`line ${line}, column ${column}, near`);
});

test("escaped surrogate pairs and escaped backslashes are no trouble", async () => {
  const { run } = setUp();
  expect(outputOf(await run(printing('["\\ud83d\\ude82", "\\\\u0000", "\\\\"]')))).toEqual([
    "🚂",
    "\\u0000",
    "\\",
  ]);
});

test("binary garbage fails as output, and can be read and stored as text and log", async () => {
  const { run, textOf } = setUp();
  const garbage = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 97) % 256));
  expect(errorOf(await run(printing(garbage))).code).toBe("invalid_output");
  expect(textOf("stdout")).not.toContain("\0");
  expect(outputOf(await run({ ...printing("a\0b\xff \n"), output: "text" }))).toBe("a\uFFFDbÿ");
});

test("text keeps its beginning and its inner space", async () => {
  const { sh } = setUp();
  expect(outputOf(await sh("printf '  a\\n b \\n\\n'", { output: "text" }))).toBe("  a\n b");
});

test("without an output stdout is only a log", async () => {
  const { sh, textOf } = setUp();
  expect(outputOf(await sh("echo '{not json'", { output: "none" }))).toBeNull();
  expect(textOf("stdout")).toBe("{not json\n");
});

test("JSON lines are a list, whatever their line ends and blank lines", async () => {
  const { run } = setUp();
  const lines = run({ ...printing('{"n":1}\r\n\n  [2]\n"three"\nnull'), output: "jsonl" });
  expect(outputOf(await lines)).toEqual([{ n: 1 }, [2], "three", null]);
  expect(outputOf(await run({ ...printing("\n"), output: "jsonl" }))).toEqual([]);
  expect(outputOf(await run({ command: ["true"], output: "jsonl" }))).toEqual([]);
});

test("the same key in two objects, or as text, is no key given twice", async () => {
  const { run } = setUp();
  const printed = '{"a":{"a":1},"b":[{"a":2},{"a":3},"a","a"],"c":"\\"a\\":1,\\"a\\":2"}';
  expect(outputOf(await run(printing(printed)))).toEqual(JSON.parse(printed));
});

test("a key given twice in a JSON line fails at its place in the whole", async () => {
  const { run } = setUp();
  const lines = await run({ ...printing('{"n":1}\n{"n":1,"n":2}\n'), output: "jsonl" });
  expect(errorOf(lines).details).toMatchObject({ line: 2, column: 8 });
});

test.each([
  ["a line that is no JSON", '{"n":1}\n\noops\n{"n":2}\n', 3, 1],
  ["two values on a line", "1\n2 3\n", 2, 3],
  ["a value over two lines", '{"n":\n1}\n', 1, 6],
  ["a NUL in a string", '1\n["\\u0000"]\n', 2, 3],
  ["a number that JSON cannot hold", "1\n[1e400]\n", 2, 2],
  ["a byte that is no UTF-8", Buffer.from([0x31, 0x0a, 0x22, 0xff, 0x22]), 2, 2],
])(
  "JSON lines with %s fail as a whole, with the position",
  async (_name, printed, line, column) => {
    const { run } = setUp();
    const error = errorOf(await run({ ...printing(printed), output: "jsonl" }));
    expect(error).toMatchObject({ code: "invalid_output", details: { line, column } });
    expect(error.message).toContain("stdout is not JSON lines");
  },
);

test("one YAML document is its value, with dates and unquoted words as texts", async () => {
  const { run } = setUp();
  const text =
    "---\nok: yes\nat: 2026-01-31\nlist: [1, 2.5, ~, true]\nsame: &a { x: 1 }\nas: *a\n...\n";
  expect(outputOf(await run({ ...printing(text), output: "yaml" }))).toEqual({
    ok: "yes",
    at: "2026-01-31",
    list: [1, 2.5, null, true],
    same: { x: 1 },
    as: { x: 1 },
  });
  expect(outputOf(await run({ ...printing("# nothing\n"), output: "yaml" }))).toBeNull();
});

test.each([
  ["a key given twice", "a: 1\nb: 2\na: 3\n", 3, 1, "a key that is given twice at"],
  ["an unknown tag", "a: !!python/object x\n", 1, 4, "a tag (!…), which JSON has not, at"],
  ["a bad indentation", "a:\n  b: 1\n c: 2\n", 3, 1],
  ["two documents", "a: 1\n---\nb: 2\n", 2, 1, "a second document, where only one may be, at"],
  ["a key that is no text", "? [1]\n: 2\n", 1, 3, "a key that is no text at"],
  ["a number that is none", "a: .nan\n", 1, 4],
  ["a number that is not exact", "a: 12345678901234567890\n", 1, 4],
  ["a NUL", 'a: "\\0"\n', 1, 4],
  ["nesting without end", "[".repeat(5000), 1, 1],
  ["aliases without end", `${bomb()}`, 1, 1],
])("YAML with %s fails with its position", async (_name, printed, line, column, problem = "") => {
  const { run } = setUp();
  const error = errorOf(await run({ ...printing(printed), output: "yaml" }));
  expect(error).toMatchObject({ code: "invalid_output", details: { line, column } });
  expect(error.message).toContain(
    `stdout is not one YAML document that JSON could say: ${problem}`,
  );
});

test("aliases that stand for more than the limit are too large, however short they are written", async () => {
  const { run } = setUp({ resultLimitBytes: 1000 });
  const text = `a: &a ${"x".repeat(300)}\nb: [*a, *a, *a, *a]\n`;
  const error = errorOf(await run({ ...printing(text), output: "yaml" }));
  expect(error).toMatchObject({ code: "limit_exceeded", details: { bytes: 1526 } });
});

/** "Billion laughs": each line stands for ten of the one before. */
function bomb(): string {
  const lines = ["a0: &a0 lol"];
  for (let i = 1; i < 10; i++) lines.push(`a${i}: &a${i} [${`*a${i - 1}, `.repeat(10)}]`);
  return lines.join("\n");
}

test("an output at the limit passes and one byte more fails with both sizes", async () => {
  const { sh } = setUp({ resultLimitBytes: 1000 });
  const string = (length: number) => `printf '\\n"%0${length}d"\\n' 0`;
  expect(String(outputOf(await sh(string(998))))).toHaveLength(998);
  const error = errorOf(await sh(string(999)));
  expect(error).toMatchObject({
    code: "limit_exceeded",
    details: { bytes: 1001, limit_bytes: 1000 },
  });
  expect(error.message).toContain("at most 1000 bytes are allowed (YARD_MAX_INLINE)");
});

test.each([
  ["json", `printf '['; yes '{},' | head -n 200000; printf '{}]'`, "200,000 values"],
  ["jsonl", "yes 1 | head -n 100001", "100002 lines"],
  ["yaml", "yes 'a: 1' | head -n 20000", "characters. Print it as JSON and declare `stdout: json`"],
] as const)(
  "an output of %s that holds too much is told as a limit",
  async (output, script, told) => {
    const { run } = setUp();
    const error = errorOf(await run({ command: ["sh", "-c", script], output }));
    expect(error.code).toBe("limit_exceeded");
    expect(error.message).toContain(told);
  },
);

test("megabytes without a line end are drained, and too large as an output", async () => {
  const { sh } = setUp();
  const result = await sh("head -c 5000000 /dev/zero | tr '\\0' x");
  expect(result.facts).toMatchObject({ exitCode: 0, stdoutBytes: 5_000_000 });
  expect(errorOf(result)).toMatchObject({ code: "limit_exceeded", details: { bytes: 5_000_000 } });
});

test("a text that is too large may be no result at all: what to declare then is told", async () => {
  const { sh } = setUp({ resultLimitBytes: 1000 });
  const tooLong = "head -c 2000 /dev/zero | tr '\\0' x";
  const error = errorOf(await sh(tooLong, { output: "text" }));
  expect(error.message).toMatch(/What is printed as a log alone takes `stdout: none`/);
  expect(errorOf(await sh(tooLong)).message).not.toContain("stdout: none");
});

test("a stdout that was cut is no output, whatever it begins with", async () => {
  const { sh } = setUp({ outputLimitBytes: 10 });
  const result = await sh("echo '1                        '");
  expect(result.facts.stdoutCut).toBe(true);
  expect(errorOf(result).code).toBe("limit_exceeded");
});

test("a large output is read in a turn of its own", async () => {
  const { sh } = setUp();
  const printed = "printf '\"'; head -c 200000 /dev/zero | tr '\\0' x; printf '\"'";
  expect(outputOf(await inOwnTurn(() => sh(printed)))).toHaveLength(200_000);
});

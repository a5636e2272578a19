import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { givenOnce, parseAssignments, readJsonOption, withWordHints } from "./run-input.ts";

test("takes values that are JSON as JSON and all others as text", () => {
  expect(
    parseAssignments([
      "n=3",
      "ok=true",
      "none=null",
      'tags=["a",1]',
      "name=Ada Lovelace",
      "empty=",
      "url=http://x/?a=b",
    ]),
  ).toEqual({
    n: 3,
    ok: true,
    none: null,
    tags: ["a", 1],
    name: "Ada Lovelace",
    empty: "",
    url: "http://x/?a=b",
  });
});

test("keeps text that is quoted, and digits that a number would change", () => {
  expect(parseAssignments(['n="3"', "id=12345678901234567890", "v=1.2.3", "zip=01234"])).toEqual({
    n: "3",
    id: "12345678901234567890",
    v: "1.2.3",
    zip: "01234",
  });
});

test("says of a whole number that would not be kept exactly that it is one, and the way out", () => {
  const errors = [{ path: "/input/n", message: "expected an integer", expected: "an integer" }];
  const refused = new AppError("invalid_input", "the input does not fit", { errors });
  const words = ["n=9007199254740993"];
  expect((withWordHints(refused, words) as AppError).errors).toEqual([
    {
      ...errors[0],
      message:
        "9007199254740993 is a whole number beyond 9007199254740991, and would not be kept exactly",
      hint: "give a smaller one; an id is no number: let the definition say n: string",
    },
  ]);
  expect((withWordHints(refused, ["n=few"]) as AppError).errors).toEqual(errors);
});

test("refuses numbers that JSON cannot hold inside of what is JSON", async () => {
  const io = { cwd: ".", readStdin: async () => "" };
  expect(parseAssignments(["big=1e400"])).toEqual({ big: "1e400" });
  expect(() => parseAssignments(["ids=[12345678901234567890]"])).toThrow(/^ids: .* in quotes/);
  await expect(readJsonOption("--input", '{"a":1e400}', io)).rejects.toThrow(
    /--input: its value: line 1, column 6: 1e400 is too large/,
  );
});

test("keeps a key named __proto__ a key", () => {
  expect(JSON.stringify(parseAssignments(["__proto__=1"]))).toBe('{"__proto__":1}');
});

test("refuses words that are no assignment and keys that come twice", () => {
  expect(() => parseAssignments(["hello"])).toThrow(/"hello" is not key=value/);
  expect(() => parseAssignments(["=x"])).toThrow(/is not key=value/);
  expect(() => parseAssignments(["a=1", "a=2"])).toThrow(/"a" is given twice/);
});

test("refuses a key that an object has twice, in all that is JSON", async () => {
  const io = { cwd: ".", readStdin: async () => "" };
  await expect(
    readJsonOption("--input", '{"a":1,\n "b":[{"a":2}], "\\u0061": 3}', io),
  ).rejects.toThrow('--input: its value: line 2, column 17: the key "\\u0061" is given twice');
  expect(() => parseAssignments(['o={"k":{},"k":1}'])).toThrow('o: the key "k" is given twice');
  const same = '{"a":["a","a"],"b":{"a":"a"},"c":{"a":{}}}';
  expect(await readJsonOption("--input", same, io)).toEqual(JSON.parse(same));
});

test("refuses the option a second time: the first would be dropped", () => {
  expect(givenOnce("{}", undefined)).toBe("{}");
  expect(() => givenOnce("{}", "{}")).toThrow("It is given twice.");
});

test("reads JSON from the option itself, from a file beside the caller and from stdin", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "yard-input-"));
  await writeFile(join(cwd, "in.json"), '{"a":1}');
  const io = { cwd, readStdin: async () => "[2]" };
  expect(await readJsonOption("--input", "true", io)).toBe(true);
  expect(await readJsonOption("--input", "@in.json", io)).toEqual({ a: 1 });
  expect(await readJsonOption("--input", "@-", io)).toEqual([2]);
  await expect(readJsonOption("--input", "@none.json", io)).rejects.toThrow(
    /--input: none.json cannot be read/,
  );
  await writeFile(join(cwd, "torn.json"), '{\n  "a": [1,\n}\n');
  await expect(readJsonOption("--input", "@torn.json", io)).rejects.toThrow(
    '--input: torn.json is not JSON: line 3, column 1: "}" where a value was expected',
  );
  await expect(readJsonOption("--data", "{a", io)).rejects.toThrow(
    '--data: its value is not JSON: line 1, column 2: "a" where a key or "}" was expected',
  );
});

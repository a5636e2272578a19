import { isAppError } from "@yardmaster/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseForeignJson, parseJsonBody, readJson } from "./index.ts";

function refusalOf(text: string): string {
  try {
    parseJsonBody(Buffer.from(text));
    return "";
  } catch (error) {
    if (!isAppError(error)) throw error;
    return `${error.code} ${error.errors[0]?.path ?? ""} ${error.message}`;
  }
}

test("a text that holds too much is refused wherever it comes in, before it is parsed", () => {
  const text = `[${"{},".repeat(300_000)}{}`;
  expect(refusalOf(text)).toMatch(/^too_large .*more than 200,000 values/);
  expect(parseForeignJson(text)).toMatchObject({ ok: false, code: "too_large" });
  expect(readJson(text, "exact")).toHaveProperty("excess");
});

test("a key that is given twice is found in every object, and no other", () => {
  const key = fc.constantFrom("a", "b", "ab", "ba", "\u00e9", "__", "", "1");
  const object = fc.array(key, { maxLength: 5 });
  const written = (keys: readonly string[]) =>
    `{${keys.map((name) => `${JSON.stringify(name)} : {"a":["a","a"],"b":"a"}`).join()}}`;
  fc.assert(
    fc.property(fc.array(object, { maxLength: 5 }), (objects) => {
      const isTwice = objects.some((keys) => new Set(keys).size < keys.length);
      const refusal = refusalOf(`[${objects.map(written).join(" , ")}]`);
      expect(refusal === "").toBe(!isTwice);
      expect(refusal.includes("is given twice")).toBe(isTwice);
    }),
  );
  expect(refusalOf('{"a":1,"\\u0061":2}')).toContain('the key "a" is given twice');
  expect(refusalOf('{"\\u0062":1,"\\u0061":2}')).toBe("");
});

test("many keys are all told apart", () => {
  const keys = Array.from({ length: 49_000 }, (_, i) => `"${i}":0`).join();
  expect(refusalOf(`{${keys}}`)).toBe("");
  expect(refusalOf(`{${keys},"7":0}`)).toContain('the key "7" is given twice');
});

test("what cannot be stored is told with its place, also where it is written by escapes", () => {
  expect(refusalOf('{"a/b":[1,"\\u0000"]}')).toMatch(/^invalid_request \/a~1b\/1 .* NUL/);
  expect(refusalOf('{"a":{"b\\ud800":1}}')).toMatch(/^invalid_request \/a .* surrogate pair/);
  expect(refusalOf('{"a":{"\\u005f_prot\\u006F__":1}}')).toMatch(
    /^invalid_request \/a .*__proto__/,
  );
  expect(refusalOf(`${"[".repeat(257)}${"]".repeat(257)}`)).toContain("more than 256 levels");
  expect(refusalOf(`${"[".repeat(256)}${"]".repeat(256)}`)).toBe("");
  expect(refusalOf('["\\u00e9\\ud83d\\ude00"]')).toBe("");
});

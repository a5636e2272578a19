import { expect, test } from "vitest";
import { jsonTokens } from "./json-tokens.ts";

const VALUE = { "a\\": 'quote " : true', n: [-1.5e-7, null], t: true, empty: {}, "12": "null" };
const TEXT = JSON.stringify(VALUE, null, 2);

test("cuts JSON into pieces that are the text again", () => {
  expect(
    jsonTokens(TEXT)
      .map(({ text }) => text)
      .join(""),
  ).toBe(TEXT);
});

test("tells keys from texts, and words from what stands in quotes", () => {
  const of = (kind: string) =>
    jsonTokens(TEXT)
      .filter((token) => token.kind === kind)
      .map(({ text }) => text);
  expect(of("key")).toEqual(['"12"', '"a\\\\"', '"n"', '"t"', '"empty"']);
  expect(of("text")).toEqual(['"null"', '"quote \\" : true"']);
  expect(of("number")).toEqual(["-1.5e-7"]);
  expect(of("word")).toEqual(["null", "true"]);
});

test("takes a text that was cut anywhere", () => {
  for (let end = 0; end < TEXT.length; end++)
    expect(
      jsonTokens(TEXT.slice(0, end))
        .map(({ text }) => text)
        .join(""),
    ).toBe(TEXT.slice(0, end));
});

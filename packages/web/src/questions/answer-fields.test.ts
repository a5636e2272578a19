import { expect, test } from "vitest";
import { answerFields, answerOf } from "./answer-fields.ts";

const SCHEMA = {
  type: "object",
  properties: {
    ok: { type: "boolean", description: "Whether it goes out." },
    count: { type: "integer", default: 3 },
    share: { type: ["number", "null"] },
    note: { type: "string" },
    name: { type: "string" },
    ring: { enum: ["first", 2], default: 2 },
    hosts: { type: "array" },
    any: true,
  },
  required: ["ok", "note"],
};

test("a form has a field for each property, as its type and its default say", () => {
  const fields = answerFields(SCHEMA);
  expect(fields.map(({ name, kind, first }) => [name, kind, first])).toEqual([
    ["ok", "choice", ""],
    ["count", "whole", "3"],
    ["share", "number", ""],
    ["note", "text", ""],
    ["name", "text", ""],
    ["ring", "choice", "2"],
    ["hosts", "json", ""],
    ["any", "json", ""],
  ]);
  expect(fields[0]).toMatchObject({ isRequired: true, description: "Whether it goes out." });
  expect(answerFields({ type: "object" })).toEqual([]);
  expect(answerFields(true)).toEqual([]);
});

test("an answer has what was filled in, with its types; a text that must be there may be empty", () => {
  const fields = answerFields(SCHEMA);
  const filled = { ok: "No", count: "4", share: "0.5", ring: "2", hosts: '["a"]', name: "" };
  expect(answerOf(fields, filled)).toEqual({
    ...{ ok: false, count: 4, share: 0.5, note: "", ring: 2, hosts: ["a"] },
  });
  expect(() => answerOf(fields, { hosts: "a" })).toThrow(/^hosts is not JSON/);
});

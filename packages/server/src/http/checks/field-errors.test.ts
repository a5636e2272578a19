import { nameSchema, nodeLabelsSchema } from "@yardmaster/protocol";
import { expect, test } from "vitest";
import { z } from "zod";
import { fieldErrors } from "./field-errors.ts";

function errorsOf(schema: z.ZodType, value: unknown) {
  const { error } = schema.safeParse(value);
  return fieldErrors(schema, value, error as z.core.$ZodError);
}

test("a wrong key of a map is told in the words of its rule, with the key", () => {
  const schema = z.strictObject({ labels: nodeLabelsSchema });
  expect(errorsOf(schema, { labels: { "bad label": "" } })).toEqual([
    {
      path: "/labels/bad label",
      message: expect.stringMatching(/^must be 1 to 63 of/),
      got: '"bad label"',
    },
  ]);
});

test("a text of a wrong pattern is told by the message alone", () => {
  expect(errorsOf(nameSchema, "Bad Name")).toEqual([
    { path: "", message: expect.stringMatching(/^must be 1 to 63 of/), got: '"Bad Name"' },
  ]);
});

test("what is no time is told with how one is written", () => {
  const schema = z.strictObject({ since: z.iso.datetime({ offset: true }) });
  expect(errorsOf(schema, { since: "yesterday" })).toEqual([
    {
      path: "/since",
      message: "is not a time",
      expected: "RFC 3339, such as 2026-01-31T12:00:00Z",
      got: '"yesterday"',
    },
  ]);
});

import { expect, test } from "vitest";
import { inputFields } from "./input-fields.ts";

test("tells of each field of a schema its type, whether it must be given, and what stands for it else", () => {
  const fields = inputFields({
    type: "object",
    required: ["who"],
    properties: {
      who: { type: "string", description: "For whom." },
      times: { type: "integer", default: 1 },
      hosts: { type: "array", items: { type: ["string", "null"] } },
      pace: { type: "string", format: "duration" },
      ring: { enum: ["first", 2] },
      free: true,
    },
  });
  expect(fields?.map(({ name, type }) => [name, type])).toEqual([
    ["who", "string"],
    ["times", "integer"],
    ["hosts", "(string | null)[]"],
    ["pace", "duration"],
    ["ring", '"first" | 2'],
    ["free", "any"],
  ]);
  expect(fields?.[0]).toMatchObject({ isRequired: true, description: "For whom." });
  expect(fields?.[1]).toMatchObject({ isRequired: false, preset: "1", description: undefined });
});

test("tells no fields of a schema that names none", () => {
  expect(inputFields({ type: "object" })).toBeUndefined();
  expect(inputFields(true)).toBeUndefined();
});

import { isJsonObject, type Json, type JsonObject, nearest } from "@yardmaster/protocol";
import { firstErrorAjv } from "./ajv.ts";
import { dialectError } from "./check-schema.ts";
import { UNCHECKED_FORMATS } from "./formats.ts";
import type { JsonSchema, SchemaError } from "./json-schema.ts";
import { walkSchema } from "./walk-schema.ts";

/** What a schema says that is taken, and never holds anything to it. */
export function schemaSlips(schema: JsonSchema): SchemaError[] {
  const slips: SchemaError[] = [];
  walkSchema(schema as Json, (part, path) => {
    for (const [keyword, slip] of slipsOf(part, path.length > 0))
      if (slip !== undefined) slips.push({ path: [...path, keyword], ...slip });
  });
  return slips;
}

type Slip = Omit<SchemaError, "path"> | undefined;

function slipsOf(
  { format, properties, $schema }: JsonObject,
  isInner: boolean,
): readonly (readonly [string, Slip])[] {
  return [
    ["format", typeof format === "string" ? formatSlip(format) : undefined],
    ["properties", isJsonObject(properties) ? prototypeSlip(properties) : undefined],
    ["$schema", isInner ? dialectError($schema) : undefined],
  ];
}

/** One that is not known says nothing, as in JSON Schema; a slip of one that is known would say nothing too. */
function formatSlip(format: string): Slip {
  const known = [...Object.keys(firstErrorAjv.formats), ...UNCHECKED_FORMATS];
  if (known.includes(format)) return undefined;
  const near = nearest(format, known);
  if (near === undefined) return undefined;
  return { message: `there is no format ${format}`, hint: `did you mean "${near}"?` };
}

function prototypeSlip(properties: JsonObject): Slip {
  if (!Object.hasOwn(properties, "__proto__")) return undefined;
  return { message: "a property named __proto__ is not looked at" };
}

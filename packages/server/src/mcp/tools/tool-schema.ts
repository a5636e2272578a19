import { z } from "zod";
import type { JsonSchema } from "./tool.ts";

/**
 * JSON Schema of a zod schema as clients of tools read it: whole, without references, which many of them do not follow,
 * and without the patterns that a format says in a word.
 */
export function toolSchemaOf(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      // Answers may get more fields in a later version, and clients check them by this.
      if (io === "output") delete jsonSchema.additionalProperties;
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
      if (io === "input") asFlag(jsonSchema);
      delete jsonSchema.id;
    },
  }) as JsonSchema;
  const { $schema: _, $defs, ...shape } = made;
  return inlined(shape, ($defs ?? {}) as Record<string, JsonSchema>) as JsonSchema;
}

/** A yes or no of a query string is a boolean here; `true` is sent as `"true"`. */
function asFlag(schema: JsonSchema): void {
  const words = schema["enum"];
  if (!Array.isArray(words) || words.join() !== "true,false") return;
  delete schema["enum"];
  schema["type"] = "boolean";
  if (typeof schema["default"] === "string") schema["default"] = schema["default"] === "true";
}

const REFERENCE = "#/$defs/";

/** No schema of the API is part of itself. */
function inlined(value: unknown, defs: Readonly<Record<string, JsonSchema>>): unknown {
  if (Array.isArray(value)) return value.map((one) => inlined(one, defs));
  if (typeof value !== "object" || value === null) return value;
  const { $ref, ...rest } = value as JsonSchema;
  const own = Object.fromEntries(
    Object.entries(rest).map(([key, one]) => [key, inlined(one, defs)]),
  );
  if (typeof $ref !== "string") return own;
  const target = defs[$ref.slice(REFERENCE.length)];
  if (target === undefined) throw new Error(`${$ref} is defined nowhere (m7s1)`);
  const { id: _, ...named } = target;
  return { ...(inlined(named, defs) as JsonSchema), ...own };
}

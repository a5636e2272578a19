import { type FieldError, isJsonObject } from "@yardmaster/protocol";
import { z } from "zod";
import { bare } from "./field-errors.ts";

/** Zod looks at each entry before it counts them, and keeps each that is wrong: 2 µs for one. */
const MAX_ENTRIES = 10_000;

/** The first list or object of the API's own that has more entries than are checked one by one. */
export function crowdedField(
  schema: z.core.$ZodType,
  value: unknown,
  path: string,
): FieldError | undefined {
  const at = bare(schema);
  if (at instanceof z.ZodObject && isJsonObject(value)) {
    for (const [name, field] of Object.entries(at.shape)) {
      const crowded = crowdedField(field, value[name], `${path}/${name}`);
      if (crowded !== undefined) return crowded;
    }
  }
  if (at instanceof z.ZodArray && Array.isArray(value)) return crowdOf(value.length, path);
  if (at instanceof z.ZodRecord && isJsonObject(value))
    return crowdOf(Object.keys(value).length, path);
  return undefined;
}

function crowdOf(entries: number, path: string): FieldError | undefined {
  if (entries <= MAX_ENTRIES) return undefined;
  return { path, message: `has ${entries} entries; at most ${MAX_ENTRIES} are looked at` };
}

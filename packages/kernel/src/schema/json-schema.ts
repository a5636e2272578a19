import type { JsonObject } from "@yardmaster/protocol";

/** A JSON Schema of dialect 2020-12. */
export type JsonSchema = JsonObject | boolean;

export const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/** One wrong place in a schema that a person wrote. `path` leads to it from the schema's root. */
export interface SchemaError {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

/** What a schema may be at most: it is compiled to code, so its size is a cost. */
export const MAX_SCHEMA_BYTES = 256 * 1_024;
export const MAX_SCHEMA_DEPTH = 64;

export { checkJsonSchema } from "./check-schema.ts";
export { conjuncts } from "./conjuncts.ts";
export type { JsonSchema, SchemaError } from "./json-schema.ts";
export { SCHEMA_MAP_KEYWORDS } from "./keywords.ts";
export { objectSchema } from "./object-schema.ts";
export { formatTimestamp, parseTimestamp } from "./timestamp.ts";
export { compileValidator, type Validation, type Validator } from "./validator.ts";
export { resolveLocalRef, walkSchema } from "./walk-schema.ts";
export { wantedBy } from "./words.ts";

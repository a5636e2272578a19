import { Ajv2020, type Options } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { OWN_FORMATS } from "./formats.ts";
import { MULTIPLE_OF } from "./multiple-of.ts";
import { schemaPattern } from "./patterns.ts";
import { UNIQUE_ITEMS } from "./unique-items.ts";

const OPTIONS = {
  strict: false,
  logger: false,
  verbose: true,
  useDefaults: true,
  // A field named like something of Object.prototype must be the value's own.
  ownProperties: true,
  // Schemas are checked by checkJsonSchema, and kept by nobody here: ours is the one cache.
  validateSchema: false,
  addUsedSchema: false,
  code: { regExp: schemaPattern },
} satisfies Options;

/** An Ajv of dialect 2020-12 with Yardmaster's formats. Making one costs milliseconds: made once. */
export function createAjv(options: { allErrors: boolean }): Ajv2020 {
  const ajv = new Ajv2020({ ...OPTIONS, allErrors: options.allErrors });
  ajv.removeKeyword("multipleOf").addKeyword(MULTIPLE_OF);
  ajv.removeKeyword("uniqueItems").addKeyword(UNIQUE_ITEMS);
  addFormats.default(ajv);
  for (const [name, validate] of Object.entries(OWN_FORMATS)) ajv.addFormat(name, validate);
  return ajv;
}

export const firstErrorAjv = createAjv({ allErrors: false });
export const allErrorsAjv = createAjv({ allErrors: true });

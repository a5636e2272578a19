import { Ajv2020, type Options } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { OWN_FORMATS } from "./formats.ts";
import { MULTIPLE_OF } from "./multiple-of.ts";
import { schemaPattern } from "./patterns.ts";
import { unevaluated } from "./unevaluated.ts";
import { UNIQUE_ITEMS } from "./unique-items.ts";

const OPTIONS = {
  strict: false,
  logger: false,
  verbose: true,
  // A field named like something of Object.prototype must be the value's own.
  ownProperties: true,
  // Schemas are checked by checkJsonSchema, and kept by nobody here: ours is the one cache.
  validateSchema: false,
  addUsedSchema: false,
  code: { regExp: schemaPattern },
} satisfies Options;

/** An Ajv of dialect 2020-12 with Yardmaster's formats. Making one costs milliseconds: made once, where it is needed. */
function createAjv(options: { allErrors: boolean; useDefaults: boolean }): Ajv2020 {
  const ajv = new Ajv2020({ ...OPTIONS, ...options });
  ajv.removeKeyword("multipleOf").addKeyword(MULTIPLE_OF);
  ajv.removeKeyword("uniqueItems").addKeyword(UNIQUE_ITEMS);
  addFormats.default(ajv);
  for (const [name, validate] of Object.entries(OWN_FORMATS)) ajv.addFormat(name, validate);
  for (const keyword of ["unevaluatedItems", "unevaluatedProperties"] as const)
    ajv.removeKeyword(keyword).addKeyword(unevaluated(keyword, judgingAjv));
  return ajv;
}

let judging: Ajv2020 | undefined;

/** Says whether parts of a value fit parts of a schema, and changes nothing. */
function judgingAjv(): Ajv2020 {
  judging ??= createAjv({ allErrors: false, useDefaults: false });
  return judging;
}

export const firstErrorAjv = createAjv({ allErrors: false, useDefaults: true });

let all: Ajv2020 | undefined;

/** For what does not fit. */
export function allErrorsAjv(): Ajv2020 {
  all ??= createAjv({ allErrors: true, useDefaults: true });
  return all;
}

import {
  checkJsonSchema,
  compileValidator,
  type JsonSchema,
  objectSchema,
  type SchemaError,
  type Validator,
} from "../../../schema/index.ts";
import { type DocumentNode, jsonOf, placeAt } from "../../document.ts";
import type { Report } from "../../problem.ts";
import type { Fields } from "./fields.ts";

/**
 * The schema under `input:` (a map of short forms) or `input_schema:` (a whole JSON Schema); likewise `output`.
 * Nothing at all for an input is the empty map: it takes no fields. Undefined also where it is wrong and reported.
 */
export function readInput(fields: Fields, report: Report): Validator | undefined {
  const declared = readDeclared(fields, "input", true, report);
  if (declared !== undefined || fields.has("input") || fields.has("input_schema")) return declared;
  return compileValidator(emptyInput());
}

export function readOutput(fields: Fields, report: Report): Validator | undefined {
  return readDeclared(fields, "output", false, report);
}

function readDeclared(
  fields: Fields,
  key: "input" | "output",
  closed: boolean,
  report: Report,
): Validator | undefined {
  const short = fields.get(key);
  const whole = fields.get(`${key}_schema`);
  if (short !== undefined && whole !== undefined) {
    report(fields.keyPlace(`${key}_schema`), `give ${key} or ${key}_schema, not both`);
    return undefined;
  }
  if (short !== undefined) {
    const result = objectSchema(jsonOf(short), { closed });
    return result.ok ? compileValidator(result.schema) : reportAll(short, result.errors, report);
  }
  if (whole === undefined) return undefined;
  const schema = jsonOf(whole) as JsonSchema;
  const errors = checkJsonSchema(schema);
  return errors.length === 0 ? compileValidator(schema) : reportAll(whole, errors, report);
}

/** `within` names the map where it is one of several. */
export function reportAll(
  root: DocumentNode,
  errors: readonly SchemaError[],
  report: Report,
  within?: string,
): undefined {
  for (const { path, message, hint } of errors) {
    const names = within === undefined ? path : [within, ...path];
    const name = names.length === 0 ? "" : `${names.join(".")}: `;
    report(placeAt(root, path), `${name}${message}`, hint);
  }
}

function emptyInput(): JsonSchema {
  const empty = objectSchema({}, { closed: true });
  if (!empty.ok) throw new Error("the schema of no fields is good (w3e9)");
  return empty.schema;
}

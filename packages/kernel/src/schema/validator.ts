import { AppError, type FieldError, type Json } from "@yardmaster/protocol";
import type { Ajv2020, ValidateFunction } from "ajv/dist/2020.js";
import { allErrorsAjv, firstErrorAjv } from "./ajv.ts";
import { fieldErrors } from "./field-errors.ts";
import type { JsonSchema } from "./json-schema.ts";
import { PatternCostError, withPatternBudget } from "./patterns.ts";
import { plainSchema } from "./plain-schema.ts";
import { forgetJudged } from "./unevaluated.ts";

export type Validation =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

export interface Validator {
  readonly schema: JsonSchema;
  /** Checks a value, which is never changed: with defaults to fill in, a filled copy comes back. */
  validate(value: Json): Validation;
}

const MAX_CACHED = 1_000;
/** All errors of a bigger value would cost more to list than anybody reads: it gets its first one. */
const MAX_NODES_FOR_ALL_ERRORS = 10_000;

const byText = new Map<string, Validator>();

/**
 * The validator of a schema that checkJsonSchema found good; compiled once per schema text.
 * Throws AppError `invalid_request` for a schema that does not compile.
 */
export function compileValidator(schema: JsonSchema): Validator {
  const text = JSON.stringify(schema);
  const cached = byText.get(text);
  if (cached !== undefined) return cached;
  const validator = createValidator(schema, text);
  if (byText.size >= MAX_CACHED) byText.delete(byText.keys().next().value ?? "");
  byText.set(text, validator);
  return validator;
}

function createValidator(schema: JsonSchema, text: string): Validator {
  const first = compile(firstErrorAjv, schema);
  const hasDefaults = text.includes('"default"');
  let all: ValidateFunction | undefined;
  return {
    schema,
    validate(value) {
      const filled = hasDefaults ? structuredClone(value) : value;
      forgetJudged();
      try {
        if (withPatternBudget(() => first(filled))) return { ok: true, value: filled };
        if (countNodes(value, MAX_NODES_FOR_ALL_ERRORS) <= 0)
          return { ok: false, errors: fieldErrors(first.errors ?? []) };
        all ??= compile(allErrorsAjv(), schema);
        withPatternBudget(() => all?.(filled));
        return { ok: false, errors: fieldErrors(all.errors ?? []) };
      } catch (error) {
        if (error instanceof PatternCostError)
          return { ok: false, errors: [{ path: "", message: error.message }] };
        if (error instanceof RangeError)
          return { ok: false, errors: [{ path: "", message: "the value is nested too deeply" }] };
        throw error;
      }
    },
  };
}

function compile(ajv: Ajv2020, schema: JsonSchema): ValidateFunction {
  if (typeof schema === "boolean") return ajv.compile(schema);
  const { $schema: _dialect, ...root } = plainSchema(schema);
  try {
    return ajv.compile(root);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError("invalid_request", `The schema cannot be used: ${reason}`, { cause: error });
  } finally {
    // Ajv would keep every schema object for ever; byText is the one cache.
    ajv.removeSchema(root);
  }
}

/** What is left of `budget` after one per node of the value; 0 or less when it does not suffice. */
function countNodes(value: Json | undefined, budget: number): number {
  let left = budget - 1;
  if (typeof value !== "object" || value === null) return left;
  for (const child of Object.values(value)) {
    if (left <= 0) return left;
    left = countNodes(child, left);
  }
  return left;
}

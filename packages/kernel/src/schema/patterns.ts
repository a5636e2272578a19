import { isJsonObject, type JsonObject } from "@yardmaster/protocol";
import { compileRegex } from "../expressions/regex/regex.ts";

/**
 * Patterns of schemas mean what they mean to JavaScript's RegExp with the flag `u`, but are matched in time linear in
 * the text: a pattern such as `^(a+)+$` would hold the server up for years. What takes that method away (looking
 * around, references back) is refused with the schema.
 */

/** States of patterns that one validation visits at most: below a second. */
export const MAX_PATTERN_VISITS = 20_000_000;

/** Thrown while a value is checked. */
export class PatternCostError extends Error {}

let visitsLeft = MAX_PATTERN_VISITS;

/** Checks a value, with all that its patterns may visit. Throws PatternCostError where that does not suffice. */
export function withPatternBudget<T>(check: () => T): T {
  visitsLeft = MAX_PATTERN_VISITS;
  return check();
}

/** What is wrong with a pattern; undefined when it can be used. */
export function schemaPatternProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern, "u");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const regex = compileRegex(pattern, "ecma");
  if (regex.ok) return undefined;
  return `the pattern ${JSON.stringify(pattern.slice(0, 80))} cannot be used: ${regex.message}`;
}

/** A pattern as Ajv calls it. Throws for one with a problem. */
export function schemaPattern(pattern: string) {
  const problem = schemaPatternProblem(pattern);
  const regex = compileRegex(pattern, "ecma");
  if (problem !== undefined || !regex.ok) throw new Error(problem);
  return {
    test(text: string): boolean {
      const { found, visits } = regex.search(text, visitsLeft);
      visitsLeft -= visits;
      if (found !== undefined) return found;
      throw new PatternCostError(
        `takes too long to be held against the pattern ${JSON.stringify(pattern.slice(0, 80))}; limit its length (maxLength), or write a smaller pattern`,
      );
    },
    /** Ajv tells patterns apart by it. */
    toString: () => pattern,
  };
}

/** Whether a property of this name is spoken of by one of the `patternProperties`. */
export function fitsPatternProperty({ patternProperties }: JsonObject, name: string): boolean {
  if (!isJsonObject(patternProperties)) return false;
  const patterns = Object.keys(patternProperties).map(schemaPattern);
  return withPatternBudget(() => patterns.some((pattern) => pattern.test(name)));
}

/** For generated code that stands alone, which is not made here. */
schemaPattern.code = "schemaPattern";

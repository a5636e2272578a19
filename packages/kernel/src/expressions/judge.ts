import type { Expression, ExpressionError, Scope } from "./expression.ts";

export type Judgement =
  | { readonly matched: true }
  /** `clause` is the part of the condition that did not hold; `missing` the field that it asked for in vain. */
  | { readonly matched: false; readonly clause: string; readonly missing?: string }
  | { readonly error: ExpressionError };

/**
 * Judges a condition that was compiled to expect "bool", clause by clause. A missing field is not an error
 * but "not matched"; any other error counts only if no other clause decides, as `&&` has it in CEL.
 */
export function judge(condition: Expression, scope: Scope): Judgement {
  let failed: ExpressionError | undefined;
  for (const clause of condition.clauses) {
    const result = clause.evaluate(scope);
    if (result.ok) {
      if (result.value === true) continue;
      return { matched: false, clause: clause.source };
    }
    const { error } = result;
    if (error.kind === "missing") {
      return {
        matched: false,
        clause: clause.source,
        ...(error.missing === undefined ? {} : { missing: error.missing }),
      };
    }
    if (error.kind === "limit") return { error };
    failed ??= error;
  }
  return failed === undefined ? { matched: true } : { error: failed };
}

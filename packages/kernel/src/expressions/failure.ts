import type { ExpressionError } from "./expression.ts";

/**
 * Why a part of an expression has no value. It is returned, not thrown: in CEL an error is a value that
 * `false && …` and `true || …` absorb, and rules that do not match make one per event.
 */
export class Failure {
  readonly kind: ExpressionError["kind"];
  readonly message: string;
  readonly missing: string | undefined;

  constructor(kind: ExpressionError["kind"], message: string, missing?: string) {
    this.kind = kind;
    this.message = message;
    this.missing = missing;
  }
}

export function typeFailure(message: string): Failure {
  return new Failure("type", message);
}

export function evaluationFailure(message: string): Failure {
  return new Failure("evaluation", message);
}

export function limitFailure(what: string): Failure {
  return new Failure("limit", what);
}

/** A limit ends the whole evaluation: nothing absorbs it. */
export function isLimit(value: unknown): boolean {
  return value instanceof Failure && value.kind === "limit";
}

export function toExpressionError(failure: Failure, source: string): ExpressionError {
  const { kind, message, missing } = failure;
  return missing === undefined ? { kind, message, source } : { kind, message, missing, source };
}

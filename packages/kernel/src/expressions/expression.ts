import type { Json } from "@yardmaster/protocol";
import type { JsonSchema } from "../schema/index.ts";
import type { Gives } from "./gives.ts";

/** Plain JSON values by variable name: what an expression sees. */
export interface Scope {
  readonly [name: string]: unknown;
}

/** What is known at load of the variables. `true` or `{}` is a variable of which nothing is known. */
export interface TypeEnvironment {
  readonly variables: { readonly [name: string]: JsonSchema };
}

/**
 * Why an expression gave no value. `missing`: a field is not there, or null stands on the way to it; the
 * field's path is in `missing`. `type`: a value of the wrong kind. `limit`: a bound was reached.
 * `evaluation`: everything else, such as a division by zero.
 */
export interface ExpressionError {
  readonly kind: "missing" | "type" | "limit" | "evaluation";
  readonly message: string;
  /** The path of the field that is not there, from its variable: `event.data.issue`. */
  readonly missing?: string;
  readonly source: string;
}

export type Evaluated =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly error: ExpressionError };

/** One of the parts of a condition that are joined by `&&` at its top, and its text. */
export interface Clause {
  readonly source: string;
  evaluate(scope: Scope): Evaluated;
}

/** A checked expression. Evaluating it never throws, never changes the scope, and ends soon. */
export interface Expression {
  readonly source: string;
  readonly clauses: readonly Clause[];
  evaluate(scope: Scope): Evaluated;
}

/** A JSON value with `${{ }}` in its strings, checked. `constant` ones have none. */
export interface Template {
  readonly constant: boolean;
  render(scope: Scope): Evaluated;
}

/** One as it was compiled: what it gives can be held against a schema at load. */
export interface CheckedTemplate extends Template {
  readonly gives: Gives;
}

/** What is wrong with an expression or template. `path` and `offset` (UTF-16 units) lead to the place in the template. */
export interface CompileError {
  readonly message: string;
  readonly path: readonly (string | number)[];
  readonly offset: number;
  readonly hint?: string;
}

/** What the place where an expression stands can use. A value of unknown kind is checked when evaluated. */
export type Expectation = "bool" | "list" | "any";

export type Compiled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly CompileError[] };

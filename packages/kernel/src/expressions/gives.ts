import type { Json } from "@yardmaster/protocol";
import type { Type } from "./values/cel-type.ts";

/** What is known at load of the value that a template gives. */
export type Gives =
  | { readonly kind: "value"; readonly value: Json }
  | GivesOfExpression
  /** Text around expressions. */
  | { readonly kind: "text" }
  | { readonly kind: "list"; readonly items: readonly Gives[] }
  | { readonly kind: "map"; readonly entries: ReadonlyMap<string, Gives> };

/** A string that is one expression. */
export interface GivesOfExpression {
  readonly kind: "expression";
  readonly source: string;
  /** Where the source begins in the string. */
  readonly offset: number;
  readonly type: Type;
  /** Of a literal. */
  readonly value?: Json;
}

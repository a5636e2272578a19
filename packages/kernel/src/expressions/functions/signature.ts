import type { Frame } from "../frame.ts";
import type { Type } from "../values/cel-type.ts";
import type { Kind } from "../values/values.ts";

/** What the docs show of a function. */
export interface Shown {
  /** One sentence or less. */
  readonly does: string;
  /** An expression that is true. */
  readonly example: string;
}

/** A function of the language: how it is called, what it takes, and what it does. */
export interface CelFunction extends Shown {
  /** `call(x, …)`, `x.call(…)`, or either. With a receiver, that is the first of `takes`. */
  readonly style: "call" | "method" | "either";
  /** The kinds of value that each argument may have; an empty list is any kind. */
  readonly takes: readonly (readonly Kind[])[];
  /** How many of `takes` must be given; all unless said otherwise. */
  readonly needs?: number;
  /** The last of `takes` may be given any number of times. */
  readonly isVariadic?: true;
  readonly gives: Type | ((args: readonly Type[]) => Type);
  /** What is wrong with an argument that is written out as text, found at load. */
  checkText?(index: number, text: string): string | undefined;
  /** Gets arguments of the right kinds; gives a value or a Failure. */
  apply(args: readonly never[], frame: Frame): unknown;
}

/** By name; one with a dot is called with its namespace: `math.abs(x)`. */
export type Functions = { readonly [name: string]: CelFunction };

/** Arguments are checked against `takes` before `apply` sees them; this says so to the compiler. */
export function define<const Args extends readonly unknown[]>(
  definition: Omit<CelFunction, "apply"> & { apply(args: Args, frame: Frame): unknown },
): CelFunction {
  return definition as unknown as CelFunction;
}

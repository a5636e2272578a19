import { objectSchema } from "../schema/index.ts";
import { compileExpression, type Scope, type TypeEnvironment } from "./index.ts";

/** What the tests of expressions ask of one. */

export const UNTYPED = { variables: { v: true, w: true } } satisfies TypeEnvironment;

export function typed(input: { readonly [name: string]: unknown }): TypeEnvironment {
  const schema = objectSchema(input, { closed: true });
  if (!schema.ok) throw new Error(JSON.stringify(schema.errors));
  return { variables: { input: schema.schema } };
}

export function evaluate(source: string, scope: Scope = {}, types: TypeEnvironment = UNTYPED) {
  const compiled = compileExpression(source, types);
  if (!compiled.ok) throw new Error(`${source}: ${JSON.stringify(compiled.errors)}`);
  return compiled.value.evaluate(scope);
}

export function resultOf(source: string, scope?: Scope, types?: TypeEnvironment) {
  const result = evaluate(source, scope, types);
  if (!result.ok) throw new Error(`${source}: ${JSON.stringify(result.error)}`);
  return result.value;
}

export function errorOf(source: string, scope?: Scope, types?: TypeEnvironment) {
  const result = evaluate(source, scope, types);
  if (result.ok) throw new Error(`${source} gave ${JSON.stringify(result.value)}`);
  return result.error;
}

export function loadErrors(source: string, types: TypeEnvironment, expectation?: "bool" | "list") {
  const compiled = compileExpression(source, types, expectation);
  return compiled.ok ? [] : compiled.errors;
}

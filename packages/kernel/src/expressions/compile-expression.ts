import type { Json } from "@yardmaster/protocol";
import { createBuilder } from "./build/build.ts";
import type { ASTNode, Built } from "./build/builder.ts";
import type {
  Clause,
  Compiled,
  CompileError,
  Evaluated,
  Expectation,
  Expression,
  Scope,
  TypeEnvironment,
} from "./expression.ts";
import { Failure, limitFailure, toExpressionError, typeFailure } from "./failure.ts";
import { createFrame, type Frame } from "./frame.ts";
import { parseExpression } from "./parse.ts";
import { balancedSlice } from "./scan.ts";
import { typeOfSchema } from "./type-of-schema.ts";
import { type Type, typeName, withoutNull } from "./values/cel-type.ts";
import { toJson } from "./values/to-json.ts";
import { describe, kindOf, Opaque } from "./values/values.ts";

/**
 * Parses and checks an expression against what is declared. All errors come at once, each with its offset
 * in `source`. `expect` is what the place can use: a condition takes "bool", for_each a "list".
 */
export function compileExpression(
  source: string,
  types: TypeEnvironment,
  expect: Expectation = "any",
): Compiled<Expression> {
  const variables = variableTypes(types);
  const root = buildExpression(source, variables, expect);
  if (!root.ok) return root;
  const evaluate = evaluator(expecting(root.value.built, expect), source);
  const clauses = clausesOf(source, variables, root.value.node);
  return {
    ok: true,
    value: { source, evaluate, clauses: clauses.length > 1 ? clauses : [{ source, evaluate }] },
  };
}

export function variableTypes(types: TypeEnvironment): ReadonlyMap<string, Type> {
  return new Map(
    Object.entries(types.variables).map(([name, schema]) => [name, typeOfSchema(schema)]),
  );
}

interface Root {
  readonly node: ASTNode;
  readonly built: Built;
}

export function buildExpression(
  source: string,
  variables: ReadonlyMap<string, Type>,
  expect: Expectation,
): Compiled<Root> {
  const parsed = parseExpression(source);
  if (!parsed.ok) return { ok: false, errors: [parsed.error] };
  const errors: CompileError[] = [];
  const built = createBuilder(source, variables, errors).build(parsed.root);
  const misfit = errors.length === 0 ? expectationError(built, parsed.root, expect) : undefined;
  if (misfit !== undefined) errors.push(misfit);
  return errors.length > 0
    ? { ok: false, errors }
    : { ok: true, value: { node: parsed.root, built } };
}

function expectationError(
  root: Built,
  node: ASTNode,
  expect: Expectation,
): CompileError | undefined {
  const { kind } = withoutNull(root.type);
  if (expect === "any" || kind === "dyn" || kind === expect) return undefined;
  const wanted = expect === "bool" ? "true or false" : "a list";
  const isMap = kind === "map" || kind === "record";
  const names = isMap ? `${root.text}.keys() to go through its names, or ` : "";
  const hint =
    expect === "bool"
      ? `compare it: ${root.text} == …`
      : `write ${names}[${root.text}] for a list of one`;
  return {
    message: `this must be ${wanted}, and it is ${typeName(root.type)}`,
    path: [],
    offset: node.start,
    hint,
  };
}

/** What is not known at load is checked when evaluated. */
function expecting(root: Built, expect: Expectation): Built {
  if (expect === "any") return root;
  const wanted = expect === "bool" ? "true or false" : "a list";
  const run: Built["run"] = (frame) => {
    const value = root.run(frame);
    if (value instanceof Failure || kindOf(value) === expect) return value;
    return typeFailure(`${root.text} must be ${wanted}, not ${describe(value)}`);
  };
  return { ...root, run };
}

/** The nodes joined by && at the top, each with its own text. */
function clausesOf(source: string, variables: ReadonlyMap<string, Type>, node: ASTNode): Clause[] {
  if (node.op === "&&") return node.args.flatMap((arg) => clausesOf(source, variables, arg));
  const built = createBuilder(source, variables, []).build(node);
  const text = balancedSlice(source, node.start, node.end);
  return [{ source: text, evaluate: evaluator(expecting(built, "bool"), text) }];
}

const TOO_DEEP = limitFailure("the values are nested too deeply");

function evaluator(root: Built, source: string): (scope: Scope) => Evaluated {
  const isPath = root.path !== undefined;
  return (scope) => {
    const frame = createFrame(scope);
    const value = guarded(root, frame);
    const json = isPath && isPlain(value) ? (value as Json) : toResult(value, frame);
    if (json instanceof Failure) return { ok: false, error: toExpressionError(json, source) };
    return { ok: true, value: json };
  };
}

function toResult(value: unknown, frame: Frame): Json | Failure {
  return value instanceof Failure ? value : toJson(value, frame);
}

/** A list or map that a path leads to is the scope's own JSON: it needs no conversion, whatever its size. */
function isPlain(value: unknown): boolean {
  return typeof value === "object" && !(value instanceof Opaque) && !(value instanceof Failure);
}

/** Data nested a million deep is valid JSON; going through it must not end the process. */
export function guarded(built: Built, frame: Frame): unknown {
  try {
    return built.run(frame);
  } catch (error) {
    if (error instanceof RangeError) return TOO_DEEP;
    throw error;
  }
}

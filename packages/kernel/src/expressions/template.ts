import type { Json } from "@yardmaster/protocol";
import type { ASTNode, Built } from "./build/builder.ts";
import { buildExpression, guarded, variableTypes } from "./compile-expression.ts";
import type {
  CheckedTemplate,
  Compiled,
  CompileError,
  Evaluated,
  Scope,
  TypeEnvironment,
} from "./expression.ts";
import { Failure, toExpressionError } from "./failure.ts";
import { allocate, createFrame, type Frame } from "./frame.ts";
import type { Gives, GivesOfExpression } from "./gives.ts";
import { MAX_TEMPLATE_BYTES, MAX_VALUE_DEPTH } from "./limits.ts";
import { findClosingBraces } from "./scan.ts";
import type { Type } from "./values/cel-type.ts";
import { setMember, toJson } from "./values/to-json.ts";

type Path = readonly (string | number)[];

/** A part of a template: fixed JSON, or something to work out for each scope. */
type Part = { readonly constant: Json } | Rendered;

interface Rendered {
  readonly render: (frame: Frame) => Json | Failed;
  readonly gives: Gives;
}

/** A failure with the expression it came from. */
class Failed {
  readonly failure: Failure;
  readonly source: string;

  constructor(failure: Failure, source: string) {
    this.failure = failure;
    this.source = source;
  }
}

interface Compiler {
  readonly variables: ReadonlyMap<string, Type>;
  readonly errors: CompileError[];
  bytesLeft: number;
}

/**
 * Compiles a JSON value whose strings may hold `${{ expression }}`. A string that is exactly one expression
 * keeps its type; in others, strings stand as they are and everything else as JSON text. `$${{` is a plain
 * `${{`. Keys of maps are not templates.
 */
export function compileTemplate(value: Json, types: TypeEnvironment): Compiled<CheckedTemplate> {
  const compiler: Compiler = {
    variables: variableTypes(types),
    errors: [],
    bytesLeft: MAX_TEMPLATE_BYTES,
  };
  const part = compileValue(compiler, value, []);
  if (compiler.errors.length > 0) return { ok: false, errors: compiler.errors };
  if ("constant" in part) {
    const rendered: Evaluated = { ok: true, value: part.constant };
    return { ok: true, value: { constant: true, gives: givesOf(part), render: () => rendered } };
  }
  const { gives } = part;
  const template = { constant: false, gives, render: (scope: Scope) => render(part.render, scope) };
  return { ok: true, value: template };
}

function givesOf(part: Part): Gives {
  return "constant" in part ? { kind: "value", value: part.constant } : part.gives;
}

function render(run: (frame: Frame) => Json | Failed, scope: Scope): Evaluated {
  const value = run(createFrame(scope));
  if (value instanceof Failed)
    return { ok: false, error: toExpressionError(value.failure, value.source) };
  return { ok: true, value };
}

function compileValue(compiler: Compiler, value: Json, path: Path): Part {
  if (typeof value === "string") return compileString(compiler, value, path);
  if (typeof value !== "object" || value === null) return { constant: value };
  if (path.length >= MAX_VALUE_DEPTH)
    return refuse(compiler, path, 0, `the template nests more than ${MAX_VALUE_DEPTH} deep`);
  if (Array.isArray(value)) return compileList(compiler, value, path);
  return compileMap(compiler, value as { readonly [key: string]: Json | undefined }, path);
}

function refuse(
  compiler: Compiler,
  path: Path,
  offset: number,
  message: string,
  hint?: string,
): Part {
  compiler.errors.push({ message, path, offset, ...(hint === undefined ? {} : { hint }) });
  return { constant: null };
}

function compileList(compiler: Compiler, list: readonly Json[], path: Path): Part {
  const parts = list.map((item, index) => compileValue(compiler, item, [...path, index]));
  if (parts.every((part, index) => "constant" in part && part.constant === list[index]))
    return { constant: list };
  if (parts.every((part) => "constant" in part))
    return { constant: parts.map((part) => part.constant) };
  const render = (frame: Frame) => {
    const result: Json[] = [];
    for (const part of parts) {
      const value = "constant" in part ? part.constant : part.render(frame);
      if (value instanceof Failed) return value;
      result.push(value);
    }
    return result;
  };
  return { render, gives: { kind: "list", items: parts.map(givesOf) } };
}

function compileMap(
  compiler: Compiler,
  map: { readonly [key: string]: Json | undefined },
  path: Path,
): Part {
  const entries = Object.entries(map).filter(
    (entry): entry is [string, Json] => entry[1] !== undefined,
  );
  const parts = entries.map(
    ([key, value]) => [key, compileValue(compiler, value, [...path, key])] as const,
  );
  if (parts.every(([key, part]) => "constant" in part && part.constant === map[key]))
    return { constant: map };
  const render = (frame: Frame) => {
    const result: { [key: string]: Json } = {};
    for (const [key, part] of parts) {
      const value = "constant" in part ? part.constant : part.render(frame);
      if (value instanceof Failed) return value;
      setMember(result, key, value);
    }
    return result;
  };
  if (!parts.every(([, part]) => "constant" in part)) {
    const known = parts.map(([key, part]) => [key, givesOf(part)] as const);
    return { render, gives: { kind: "map", entries: new Map(known) } };
  }
  return { constant: render(createFrame({})) as Json };
}

interface Hole {
  readonly source: string;
  readonly built: Built;
  readonly gives: GivesOfExpression;
}

function compileString(compiler: Compiler, text: string, path: Path): Part {
  if (!text.includes("${{")) return { constant: text };
  compiler.bytesLeft -= new TextEncoder().encode(text).length;
  if (compiler.bytesLeft < 0) {
    return refuse(
      compiler,
      path,
      0,
      `the strings with expressions in this template have more than ${MAX_TEMPLATE_BYTES} bytes`,
      "split it into several steps, or put the text in a file of the pack",
    );
  }
  const pieces = splitHoles(compiler, text, path);
  const only = pieces[0];
  if (pieces.length === 0) return { constant: "" };
  if (pieces.every((piece) => typeof piece === "string")) return { constant: pieces.join("") };
  if (pieces.length === 1 && typeof only === "object")
    return { render: (frame) => fill(only, frame), gives: only.gives };
  return { render: (frame) => concatenate(pieces, frame), gives: { kind: "text" } };
}

/** The fixed text and the expressions of a string, in turn. */
function splitHoles(compiler: Compiler, text: string, path: Path): (string | Hole)[] {
  const pieces: (string | Hole)[] = [];
  let literal = "";
  let at = 0;
  for (;;) {
    const open = text.indexOf("${{", at);
    if (open < 0) break;
    if (text[open - 1] === "$") {
      literal += `${text.slice(at, open - 1)}\${{`;
      at = open + 3;
      continue;
    }
    const close = findClosingBraces(text, open + 3);
    if (close < 0) {
      refuse(
        compiler,
        path,
        open,
        "this ${{ has no }} that closes it",
        "close it with }}, check its quotes and brackets, or write $${{ for a plain ${{",
      );
      return [];
    }
    literal += text.slice(at, open);
    if (literal !== "") pieces.push(literal);
    literal = "";
    const hole = compileHole(compiler, text, path, open + 3, close);
    if (hole !== undefined) pieces.push(hole);
    at = close + 2;
  }
  literal += text.slice(at);
  if (literal !== "") pieces.push(literal);
  return pieces;
}

function compileHole(
  compiler: Compiler,
  text: string,
  path: Path,
  start: number,
  end: number,
): Hole | undefined {
  const inner = text.slice(start, end);
  const source = inner.trim();
  const offset = start + inner.indexOf(source);
  if (source === "") {
    refuse(
      compiler,
      path,
      start,
      "there is no expression in this ${{ }}",
      "write one, or $${{ for a plain ${{",
    );
    return undefined;
  }
  const built = buildExpression(source, compiler.variables, "any");
  if (built.ok) return holeOf(source, offset, built.value.built, built.value.node);
  const errors = built.errors.map((error) => ({ ...error, path, offset: offset + error.offset }));
  compiler.errors.push(...errors);
  return undefined;
}

function holeOf(source: string, offset: number, built: Built, node: ASTNode): Hole {
  const gives = { kind: "expression", source, offset, type: built.type } as const;
  const value = node.op === "value" ? literalOf(built) : undefined;
  return { source, built, gives: value === undefined ? gives : { ...gives, value } };
}

function literalOf(built: Built): Json | undefined {
  const frame = createFrame({});
  const value = toJson(guarded(built, frame), frame);
  return value instanceof Failure ? undefined : value;
}

function fill(hole: Hole, frame: Frame): Json | Failed {
  const value = guarded(hole.built, frame);
  const json = value instanceof Failure ? value : toJson(value, frame);
  return json instanceof Failure ? new Failed(json, hole.source) : json;
}

function concatenate(pieces: readonly (string | Hole)[], frame: Frame): string | Failed {
  let result = "";
  for (const piece of pieces) {
    if (typeof piece === "string") {
      result += piece;
      continue;
    }
    const value = fill(piece, frame);
    if (value instanceof Failed) return value;
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const tooLarge = allocate(frame, text.length);
    if (tooLarge !== undefined) return new Failed(tooLarge, piece.source);
    result += text;
  }
  return result;
}

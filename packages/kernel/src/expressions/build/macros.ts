import { Failure } from "../failure.ts";
import type { Run } from "../frame.ts";
import type { Shown } from "../functions/signature.ts";
import { BOOL, unify } from "../values/cel-type.ts";
import type { ASTNode, Builder, Built } from "./builder.ts";

/** What takes expressions instead of their values, for the table of functions in the docs. */
export const MACROS: { readonly [name: string]: Shown & { readonly signature: string } } = {
  has: {
    signature: "has(x.field)",
    does: "whether the field is there; `has(x.a.b)` is false too where `x.a` is not",
    example: "has({'a': null}.a)",
  },
  default: {
    signature: "default(x.field, fallback)",
    does: "the value, or the other where a field in it is missing; a null that is there stays null",
    example: "default({'a': 1}.b, 2) == 2",
  },
  "cel.bind": {
    signature: "cel.bind(name, value, expression)",
    does: "the expression, in which the name stands for the value",
    example: "cel.bind(x, 2 + 1, x * x) == 9",
  },
};

/** `has(x.y)`: whether it is there. Its argument is checked like any other, so `has(input.typo)` is an error. */
export function buildHas(builder: Builder, node: ASTNode, args: readonly ASTNode[]): Built {
  const [arg] = args;
  if (args.length !== 1 || arg === undefined || (arg.op !== "." && arg.op !== "[]")) {
    return builder.fail(node, "has() takes one field", "write for example has(event.data.issue)");
  }
  const field = builder.build(arg);
  const run: Run = (frame) => {
    const value = field.run(frame);
    if (!(value instanceof Failure)) return true;
    return value.kind === "missing" ? false : value;
  };
  return { type: BOOL, run, cost: field.cost + 1, text: builder.text(node) };
}

/** `default(x.y, other)`: the field, or `other` where it is not there. A null that is there stays null. */
export function buildDefault(builder: Builder, node: ASTNode, args: readonly ASTNode[]): Built {
  const [first, second] = args;
  if (args.length !== 2 || first === undefined || second === undefined) {
    return builder.fail(
      node,
      "default() takes a field and what to use when it is missing",
      'write for example default(event.data.title, "none")',
    );
  }
  const [value, fallback] = [builder.build(first), builder.build(second)];
  const run: Run = (frame) => {
    const found = value.run(frame);
    return found instanceof Failure && found.kind === "missing" ? fallback.run(frame) : found;
  };
  const cost = value.cost + fallback.cost + 1;
  return { type: unify(value.type, fallback.type), run, cost, text: builder.text(node) };
}

/** `cel.bind(x, value, body)`: a name for a value that is used more than once. */
export function buildBind(builder: Builder, node: ASTNode, args: readonly ASTNode[]): Built {
  const [name, init, body] = args;
  if (args.length !== 3 || name?.op !== "id" || init === undefined || body === undefined) {
    return builder.fail(
      node,
      "cel.bind() takes a name, its value and an expression",
      "write for example cel.bind(n, size(input.people), n > 1 && n < 5)",
    );
  }
  const value = builder.build(init);
  const { builder: inner, slot } = builder.withLocal(name.args, value.type);
  const result = inner.build(body);
  const run: Run = (frame) => {
    const bound = value.run(frame);
    if (bound instanceof Failure) return bound;
    frame.locals[slot] = bound;
    return result.run(frame);
  };
  const cost = value.cost + result.cost + 1;
  return { type: result.type, run, cost, text: builder.text(node) };
}

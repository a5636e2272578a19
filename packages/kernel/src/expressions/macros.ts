import type { ASTNode, Builder, Built } from "./builder.ts";
import { coerced } from "./builder.ts";
import { BOOL, DYN, listOf, STRING, type Type, typeName, unify, withoutNull } from "./cel-type.ts";
import { Failure, isLimit, typeFailure } from "./failure.ts";
import { allocate, type Frame, type Run, step } from "./frame.ts";
import { boolOf, mustBeBool } from "./operators.ts";
import { describe, isMembers } from "./values.ts";

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

interface Loop {
  readonly items: (frame: Frame) => readonly unknown[] | Failure;
  /** Sets the macro's variable to an item; the Failure when the steps are used up or the item does not fit. */
  enter(frame: Frame, item: unknown): Failure | undefined;
}

/** Folds one item in. Returns "go on", or the macro's value when the rest does not matter. */
type Fold = (frame: Frame, item: unknown) => { readonly done: unknown } | undefined;

const MACROS = new Set(["all", "exists", "exists_one", "map", "filter"]);

export function isMacro(name: string): boolean {
  return MACROS.has(name);
}

/** `list.all(x, …)` and its siblings; over a map they go through its keys. */
export function buildMacro(
  builder: Builder,
  node: ASTNode,
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
): Built {
  const [variable, ...bodies] = args;
  const isCountRight = bodies.length === 1 || (name === "map" && bodies.length === 2);
  if (variable?.op !== "id" || !isCountRight) {
    return builder.fail(
      node,
      `${name}() takes a name for the item and an expression`,
      `write for example list.${name}(x, x.id ${name === "map" ? "" : "== 1"})`.replace(" )", ")"),
    );
  }
  const over = builder.build(receiver);
  const itemType = itemTypeOf(builder, receiver, over);
  const { builder: inner, slot } = builder.withLocal(variable.args, itemType);
  const built = bodies.map((body) => inner.build(body));
  const predicates = name === "map" ? built.slice(0, -1) : built;
  for (const [index, predicate] of predicates.entries())
    mustBeBool(inner, bodies[index] as ASTNode, predicate);
  const bodyCost = built.reduce((sum, body) => sum + body.cost, 1);
  const loop: Loop = { items: itemsOf(over), enter: entering(slot, itemType, bodyCost) };
  return {
    type: macroType(name, itemType, built),
    run: macroRun(name, loop, built),
    cost: over.cost + bodyCost,
    text: builder.text(node),
  };
}

function itemTypeOf(builder: Builder, node: ASTNode, over: Built): Type {
  const type = withoutNull(over.type);
  if (type.kind === "list") return type.item;
  if (type.kind === "map" || type.kind === "record") return STRING;
  if (type.kind !== "dyn")
    builder.fail(node, `${over.text} must be a list or a map, and it is ${typeName(over.type)}`);
  return DYN;
}

function macroType(name: string, item: Type, built: readonly Built[]): Type {
  if (name === "map") return listOf(built.at(-1)?.type ?? DYN);
  return name === "filter" ? listOf(item) : BOOL;
}

function itemsOf(over: Built): Loop["items"] {
  return (frame) => {
    const value = over.run(frame);
    if (value instanceof Failure) return value;
    if (Array.isArray(value)) return value as readonly unknown[];
    if (!isMembers(value))
      return typeFailure(`${over.text} must be a list or a map, not ${describe(value)}`);
    const keys = Object.keys(value);
    return step(frame, keys.length) ?? keys;
  };
}

function entering(slot: number, type: Type, cost: number): Loop["enter"] {
  const read = coerced((frame) => frame.locals[slot], type);
  return (frame, item) => {
    frame.locals[slot] = item;
    const value = read(frame);
    if (value instanceof Failure) return value;
    frame.locals[slot] = value;
    return step(frame, cost);
  };
}

function macroRun(name: string, loop: Loop, [first, second]: readonly Built[]): Run {
  if (first === undefined) return () => null;
  switch (name) {
    case "all":
      return quantifier(loop, first, false);
    case "exists":
      return quantifier(loop, first, true);
    case "exists_one":
      return exactlyOne(loop, first);
    case "filter":
      return collecting(loop, first, undefined);
    default:
      return second === undefined
        ? collecting(loop, undefined, first)
        : collecting(loop, first, second);
  }
}

/** Decided by the first item that gives `deciding`; like `&&` and `||` it absorbs failures of the others. */
function quantifier(loop: Loop, predicate: Built, deciding: boolean): Run {
  return (frame) => {
    let failure: Failure | undefined;
    const end = each(frame, loop, () => {
      const value = boolOf(predicate.run(frame), predicate);
      if (value === deciding || isLimit(value)) return { done: value };
      if (value instanceof Failure) failure ??= value;
      return undefined;
    });
    return end === undefined ? (failure ?? !deciding) : end.done;
  };
}

function exactlyOne(loop: Loop, predicate: Built): Run {
  return (frame) => {
    let count = 0;
    const end = each(frame, loop, () => {
      const value = boolOf(predicate.run(frame), predicate);
      if (value instanceof Failure) return { done: value };
      if (value) count++;
      return undefined;
    });
    return end === undefined ? count === 1 : end.done;
  };
}

function collecting(loop: Loop, predicate: Built | undefined, transform: Built | undefined): Run {
  return (frame) => {
    const result: unknown[] = [];
    const end = each(frame, loop, (_frame, item) => {
      const chosen = predicate === undefined ? true : boolOf(predicate.run(frame), predicate);
      if (chosen instanceof Failure) return { done: chosen };
      if (!chosen) return undefined;
      const value = transform === undefined ? item : transform.run(frame);
      if (value instanceof Failure) return { done: value };
      const tooLarge = allocate(frame, 1);
      if (tooLarge !== undefined) return { done: tooLarge };
      result.push(value);
      return undefined;
    });
    return end === undefined ? result : end.done;
  };
}

function each(frame: Frame, loop: Loop, fold: Fold): { readonly done: unknown } | undefined {
  const items = loop.items(frame);
  if (items instanceof Failure) return { done: items };
  for (const item of items) {
    const failure = loop.enter(frame, item);
    if (failure !== undefined) return { done: failure };
    const end = fold(frame, item);
    if (end !== undefined) return end;
  }
  return undefined;
}

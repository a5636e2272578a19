import { Failure, isLimit, typeFailure } from "../failure.ts";
import { allocate, type Frame, type Run, step } from "../frame.ts";
import {
  BOOL,
  DYN,
  INT,
  listOf,
  STRING,
  type Type,
  typeName,
  withoutNull,
} from "../values/cel-type.ts";
import { sortedBy } from "../values/order.ts";
import { setMember } from "../values/to-json.ts";
import { describe, isMembers } from "../values/values.ts";
import type { ASTNode, Builder, Built } from "./builder.ts";
import { coerced } from "./builder.ts";
import { COMPREHENSIONS } from "./comprehension-names.ts";
import { boolOf, mustBeBool } from "./operators.ts";

/** What is gone through: with one name the items (or keys), with two also where each stands. */
interface Rows {
  readonly items: readonly unknown[];
  /** Keys of a map; the items of a list are at their indexes. */
  readonly keys?: readonly string[];
}

interface Loop {
  rows(frame: Frame): Rows | Failure;
  /** Sets the macro's variables; the Failure when the steps are used up or the item does not fit. */
  enter(frame: Frame, key: unknown, item: unknown): Failure | undefined;
}

/** Folds one item in. Returns "go on", or the macro's value when the rest does not matter. */
type Fold = (item: unknown, key: unknown) => { readonly done: unknown } | undefined;

export function isComprehension(name: string): boolean {
  return Object.hasOwn(COMPREHENSIONS, name);
}

/** `list.all(x, …)` and its siblings. */
export function buildComprehension(
  builder: Builder,
  node: ASTNode,
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
): Built {
  const form = COMPREHENSIONS[name]?.forms.find(
    ([names, bodies]) => names + bodies === args.length,
  );
  const names = args
    .slice(0, form?.[0] ?? 0)
    .map((arg) => (arg.op === "id" ? arg.args : undefined));
  if (form === undefined || names.includes(undefined)) {
    return builder.fail(
      node,
      `${name}() takes a name for the item and an expression`,
      `write for example ${COMPREHENSIONS[name]?.example.split(/ [=&]{2} /)[0] ?? name}`,
    );
  }
  const over = builder.build(receiver);
  const { inner, types, slots } = declare(builder, receiver, over, names as string[]);
  const bodies = args.slice(names.length);
  const built = bodies.map((body) => inner.build(body));
  const isMaking = name === "map" || name === "sortBy" || name.startsWith("transform");
  const predicates = isMaking ? built.slice(0, -1) : built;
  for (const [index, predicate] of predicates.entries())
    mustBeBool(inner, bodies[index] as ASTNode, predicate);
  const bodyCost = built.reduce((sum, body) => sum + body.cost, 1);
  const loop = { rows: rowsOf(over, names.length === 2), enter: entering(slots, types, bodyCost) };
  return {
    type: resultType(name, types.at(-1) ?? DYN, built),
    run: runOf(name, loop, built),
    cost: over.cost + bodyCost,
    text: builder.text(node),
  };
}

/** The variables of the macro; the item's is the last. */
function declare(builder: Builder, node: ASTNode, over: Built, names: readonly string[]) {
  const all = rowTypes(builder, node, over, names.length === 2);
  const types = all.slice(-names.length);
  let inner = builder;
  const slots = names.map((name, index) => {
    const declared = inner.withLocal(name, types[index] ?? DYN);
    inner = declared.builder;
    return declared.slot;
  });
  return { inner, types, slots };
}

function rowTypes(builder: Builder, node: ASTNode, over: Built, isPair: boolean): readonly Type[] {
  const type = withoutNull(over.type);
  if (type.kind === "list") return [INT, type.item];
  if (type.kind === "map") return [STRING, isPair ? type.value : STRING];
  if (type.kind === "record") return [STRING, isPair ? DYN : STRING];
  if (type.kind !== "dyn")
    builder.fail(node, `${over.text} must be a list or a map, and it is ${typeName(over.type)}`);
  return [DYN, DYN];
}

function resultType(name: string, item: Type, built: readonly Built[]): Type {
  const made = built.at(-1)?.type ?? DYN;
  if (name === "map" || name === "transformList") return listOf(made);
  if (name === "transformMap") return { kind: "map", value: made };
  return name === "filter" || name === "sortBy" ? listOf(item) : BOOL;
}

function rowsOf(over: Built, isPair: boolean): Loop["rows"] {
  return (frame) => {
    const value = over.run(frame);
    if (value instanceof Failure) return value;
    if (Array.isArray(value)) return { items: value as readonly unknown[] };
    if (!isMembers(value))
      return typeFailure(`${over.text} must be a list or a map, not ${describe(value)}`);
    const keys = Object.keys(value);
    const items = isPair ? Object.values(value) : keys;
    return step(frame, keys.length) ?? { items, keys };
  };
}

function entering(slots: readonly number[], types: readonly Type[], cost: number): Loop["enter"] {
  const slot = slots.at(-1) ?? 0;
  const keySlot = slots.length === 2 ? slots[0] : undefined;
  const read = coerced((frame) => frame.locals[slot], types.at(-1) ?? DYN);
  return (frame, key, item) => {
    if (keySlot !== undefined) frame.locals[keySlot] = key;
    frame.locals[slot] = item;
    const value = read(frame);
    if (value instanceof Failure) return value;
    frame.locals[slot] = value;
    return step(frame, cost);
  };
}

function runOf(name: string, loop: Loop, built: readonly Built[]): Run {
  const [first, second] = built;
  if (first === undefined) return () => null;
  const [predicate, made] = second === undefined ? [undefined, first] : [first, second];
  switch (name) {
    case "all":
      return quantifier(loop, first, false);
    case "exists":
      return quantifier(loop, first, true);
    case "exists_one":
    case "existsOne":
      return exactlyOne(loop, first);
    case "filter":
      return collecting(loop, first, undefined);
    case "sortBy":
      return sorting(loop, first);
    case "transformMap":
      return mapping(loop, predicate, made);
    default:
      return collecting(loop, predicate, made);
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

type Put = (value: unknown, key: unknown) => void;

/** Hands over what is made of each item for which the predicate holds. */
function making(
  frame: Frame,
  loop: Loop,
  predicate: Built | undefined,
  made: Built | undefined,
  put: Put,
): { readonly done: unknown } | undefined {
  return each(frame, loop, (item, key) => {
    const chosen = predicate === undefined ? true : boolOf(predicate.run(frame), predicate);
    if (chosen instanceof Failure) return { done: chosen };
    if (!chosen) return undefined;
    const value = made === undefined ? item : made.run(frame);
    if (value instanceof Failure) return { done: value };
    const tooLarge = allocate(frame, 1);
    if (tooLarge !== undefined) return { done: tooLarge };
    put(value, key);
    return undefined;
  });
}

function collecting(loop: Loop, predicate: Built | undefined, made: Built | undefined): Run {
  return (frame) => {
    const result: unknown[] = [];
    const end = making(frame, loop, predicate, made, (value) => result.push(value));
    return end === undefined ? result : end.done;
  };
}

/** A list has no keys to keep, so its indexes become the keys. */
function mapping(loop: Loop, predicate: Built | undefined, made: Built): Run {
  return (frame) => {
    const result: { [key: string]: unknown } = {};
    const end = making(frame, loop, predicate, made, (value, key) =>
      setMember(result, String(key), value),
    );
    return end === undefined ? result : end.done;
  };
}

function sorting(loop: Loop, key: Built): Run {
  return (frame) => {
    const items: unknown[] = [];
    const keys: unknown[] = [];
    const end = each(frame, loop, (item) => {
      const value = allocate(frame, 2) ?? key.run(frame);
      if (value instanceof Failure) return { done: value };
      items.push(item);
      keys.push(value);
      return undefined;
    });
    if (end !== undefined) return end.done;
    return items.length === 0 ? items : sortedBy("sortBy", items, keys, frame);
  };
}

function each(frame: Frame, loop: Loop, fold: Fold): { readonly done: unknown } | undefined {
  const rows = loop.rows(frame);
  if (rows instanceof Failure) return { done: rows };
  const { items, keys } = rows;
  for (let index = 0; index < items.length; index++) {
    const key = keys === undefined ? index : keys[index];
    const failure = loop.enter(frame, key, items[index]);
    if (failure !== undefined) return { done: failure };
    const end = fold(items[index], key);
    if (end !== undefined) return end;
  }
  return undefined;
}

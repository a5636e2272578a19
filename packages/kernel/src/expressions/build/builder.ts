import type { ASTNode } from "@marcbachmann/cel-js";
import { Failure, typeFailure } from "../failure.ts";
import { allocate, type Run, step } from "../frame.ts";
import { DURATION, DYN, type Type, withoutNull } from "../values/cel-type.ts";
import { kindName, readDuration, readTimestamp } from "../values/values.ts";

export type { ASTNode };

/** A node made ready: what is known of its value, and how to get it. */
export interface Built {
  readonly type: Type;
  readonly run: Run;
  /** Nodes in it: what going through it once costs in steps. */
  readonly cost: number;
  readonly text: string;
  /** The path this node is, when it is a variable followed by fixed fields and indexes. */
  readonly path?: Path;
}

export interface Path {
  readonly root: Run;
  readonly name: string;
  readonly keys: readonly (string | number)[];
}

export interface Local {
  readonly name: string;
  readonly type: Type;
  readonly slot: number;
}

/** Goes over the nodes of one expression, collecting what is wrong with them. */
export interface Builder {
  readonly variables: ReadonlyMap<string, Type>;
  readonly locals: readonly Local[];
  build(node: ASTNode): Built;
  /** Notes an error at a node, and stands in for the node so that more errors can be found. */
  fail(node: ASTNode, message: string, hint?: string): Built;
  text(node: ASTNode): string;
  /** All of a node's text, where `text` is cut for messages. */
  source(node: ASTNode): string;
  /** The same with one more variable, as a macro declares it. */
  withLocal(name: string, type: Type): { readonly builder: Builder; readonly slot: number };
}

export const UNKNOWN: Omit<Built, "text"> = { type: DYN, run: () => null, cost: 1 };

/**
 * Values stay JSON text until a path of the type is read: the schema says which strings are durations and
 * times, so nothing of the scope is converted ahead.
 */
export function coerced(run: Run, declared: Type): Run {
  const read = reader(declared);
  return read === undefined ? run : (frame) => read(run(frame));
}

/** The same for the items of a list, which a function goes through. */
export function coercedItems(run: Run, declared: Type): Run {
  const type = withoutNull(declared);
  const read = type.kind === "list" ? reader(type.item) : undefined;
  if (read === undefined) return run;
  return (frame) => {
    const list = run(frame);
    if (!Array.isArray(list)) return list;
    const tooLarge = allocate(frame, list.length) ?? step(frame, list.length);
    if (tooLarge !== undefined) return tooLarge;
    const items = list.map(read);
    return items.find((item) => item instanceof Failure) ?? items;
  };
}

function reader(declared: Type): ((value: unknown) => unknown) | undefined {
  const type = withoutNull(declared);
  if (type.kind !== "duration" && type.kind !== "timestamp") return undefined;
  const read = type === DURATION ? readDuration : readTimestamp;
  return (value) => {
    if (typeof value !== "string") return value;
    return (
      read(value) ??
      typeFailure(`${JSON.stringify(value.slice(0, 60))} is not ${kindName(type.kind)}`)
    );
  };
}

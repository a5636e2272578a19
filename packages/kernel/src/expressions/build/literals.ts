import { evaluationFailure, Failure, typeFailure } from "../failure.ts";
import { allocate } from "../frame.ts";
import {
  BOOL,
  BYTES,
  DOUBLE,
  DYN,
  INT,
  listOf,
  MAP,
  NULL,
  STRING,
  type Type,
  typeName,
  unify,
} from "../values/cel-type.ts";
import { setMember } from "../values/to-json.ts";
import { describe, Opaque } from "../values/values.ts";
import type { ASTNode, Builder, Built } from "./builder.ts";

/** The grammar takes one byte for each such character, where UTF-8 has several. */
const NOT_ASCII = /[\u0080-\uffff]/;

export function buildLiteral(builder: Builder, node: ASTNode, literal: unknown): Built {
  if (literal instanceof Uint8Array && NOT_ASCII.test(builder.source(node))) {
    return builder.fail(
      node,
      "bytes in quotes are written in ASCII",
      `write bytes(${builder.text(node).slice(1)})`,
    );
  }
  const [type, value] = readLiteral(literal);
  if (type === INT && !Number.isSafeInteger(value)) {
    return builder.fail(
      node,
      `${builder.text(node)} is beyond 2^53, where JSON's integers are no longer exact`,
      "put it in quotes if it is an id",
    );
  }
  return { type, run: () => value, cost: 1, text: builder.text(node) };
}

function readLiteral(literal: unknown): readonly [Type, unknown] {
  switch (typeof literal) {
    case "string":
      return [STRING, literal];
    case "bigint":
      return [INT, Number(literal)];
    case "number":
      return [DOUBLE, literal];
    case "boolean":
      return [BOOL, literal];
    default:
      if (literal === null) return [NULL, null];
      if (literal instanceof Uint8Array) return [BYTES, new Opaque("bytes", 0, literal)];
      // What is left is `1u`: JSON has one kind of number, so unsigned ints are ints.
      return [INT, Number(literal)];
  }
}

export function buildList(builder: Builder, node: ASTNode, items: readonly ASTNode[]): Built {
  const built = items.map((item) => builder.build(item));
  const types = built.map((item) => item.type);
  return {
    type: listOf(types.length === 0 ? DYN : types.reduce(unify)),
    cost: built.reduce((sum, item) => sum + item.cost, 1),
    text: builder.text(node),
    run(frame) {
      const result: unknown[] = [];
      for (const item of built) {
        const value = item.run(frame);
        if (value instanceof Failure) return value;
        result.push(value);
      }
      return allocate(frame, result.length) ?? result;
    },
  };
}

export function buildMap(
  builder: Builder,
  node: ASTNode,
  entries: readonly (readonly [ASTNode, ASTNode])[],
): Built {
  const built = entries.map(([key, value]) => [builder.build(key), builder.build(value)] as const);
  for (const [index, [key]] of built.entries()) {
    if (key.type.kind === "string" || key.type.kind === "dyn") continue;
    builder.fail(
      (entries[index] as readonly [ASTNode, ASTNode])[0],
      `the keys of a map are strings, and ${key.text} is ${typeName(key.type)}`,
      `write string(${key.text})`,
    );
  }
  const types = built.map(([, value]) => value.type);
  return {
    type: types.length === 0 ? MAP : { kind: "map", value: types.reduce(unify) },
    cost: built.reduce((sum, [key, value]) => sum + key.cost + value.cost, 1),
    text: builder.text(node),
    run(frame) {
      const result: { [key: string]: unknown } = {};
      for (const [keyNode, valueNode] of built) {
        const key = keyNode.run(frame);
        if (key instanceof Failure) return key;
        if (typeof key !== "string")
          return typeFailure(
            `the keys of a map are strings, and ${keyNode.text} is ${describe(key)}`,
          );
        if (Object.hasOwn(result, key))
          return evaluationFailure(
            `the key ${JSON.stringify(key.slice(0, 60))} is in the map twice`,
          );
        const value = valueNode.run(frame);
        if (value instanceof Failure) return value;
        setMember(result, key, value);
      }
      return allocate(frame, built.length) ?? result;
    },
  };
}

import { evaluationFailure, type Failure } from "../failure.ts";
import { allocate, type Frame } from "../frame.ts";
import { DYN, listOf, MAP, STRING, type Type, unify, withoutNull } from "../values/cel-type.ts";
import { setMember } from "../values/to-json.ts";
import { isMembers, type Members } from "../values/values.ts";
import { define, type Functions } from "./signature.ts";

const MAP_KIND = ["map"] as const;

function valueType(type: Type | undefined): Type {
  const known = type === undefined ? DYN : withoutNull(type);
  return known.kind === "map" ? known.value : DYN;
}

function mergedType([left, right]: readonly Type[]): Type {
  return { kind: "map", value: unify(valueType(left), valueType(right)) };
}

function merge(left: Members, right: Members, frame: Frame): Members | Failure {
  const entries = [...Object.entries(left), ...Object.entries(right)];
  const tooLarge = allocate(frame, entries.length * 2);
  if (tooLarge !== undefined) return tooLarge;
  const result: { [key: string]: unknown } = {};
  for (const [key, value] of entries) setMember(result, key, value);
  return result;
}

/** The reverse of `entries()`; of one key given twice the last counts. */
function fromEntries(list: readonly unknown[], frame: Frame): Members | Failure {
  const tooLarge = allocate(frame, list.length * 2);
  if (tooLarge !== undefined) return tooLarge;
  const result: { [key: string]: unknown } = {};
  for (const entry of list) {
    const isEntry = isMembers(entry) && Object.hasOwn(entry, "value");
    const key = isMembers(entry) && Object.hasOwn(entry, "key") ? entry["key"] : undefined;
    if (!isEntry || typeof key !== "string")
      return evaluationFailure(
        "maps.fromEntries() takes a list of {'key': …, 'value': …}, where each key is a string",
      );
    setMember(result, key, entry["value"]);
  }
  return result;
}

export const MAP_FUNCTIONS: Functions = {
  keys: define<readonly [Members]>({
    style: "method",
    takes: [MAP_KIND],
    does: "the names of the fields",
    example: "{'a': 1, 'b': 2}.keys() == ['a', 'b']",
    gives: listOf(STRING),
    apply([map], frame) {
      const keys = Object.keys(map);
      return allocate(frame, keys.length) ?? keys;
    },
  }),
  values: define<readonly [Members]>({
    style: "method",
    takes: [MAP_KIND],
    does: "the values of the fields",
    example: "{'a': 1, 'b': 2}.values() == [1, 2]",
    gives: ([type]) => listOf(valueType(type)),
    apply([map], frame) {
      const values = Object.values(map);
      return allocate(frame, values.length) ?? values;
    },
  }),
  entries: define<readonly [Members]>({
    style: "method",
    takes: [MAP_KIND],
    does: "each field as a map with its `key` and `value`",
    example: "{'a': 1}.entries() == [{'key': 'a', 'value': 1}]",
    gives: listOf(MAP),
    apply([map], frame) {
      const entries = Object.entries(map);
      return allocate(frame, entries.length * 3) ?? entries.map(([key, value]) => ({ key, value }));
    },
  }),
  merge: define<readonly [Members, Members]>({
    style: "method",
    takes: [MAP_KIND, MAP_KIND],
    does: "the fields of both maps; the second's where both have one",
    example: "{'a': 1, 'b': 2}.merge({'b': 3}) == {'a': 1, 'b': 3}",
    gives: mergedType,
    apply: ([left, right], frame) => merge(left, right, frame),
  }),
  "maps.fromEntries": define<readonly [readonly unknown[]]>({
    style: "call",
    takes: [["list"]],
    does: "a map of what `entries()` gives",
    example: "maps.fromEntries([{'key': 'a', 'value': 1}]) == {'a': 1}",
    gives: MAP,
    apply: ([list], frame) => fromEntries(list, frame),
  }),
};

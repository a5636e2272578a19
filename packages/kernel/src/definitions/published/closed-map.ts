import type { Json, JsonObject } from "@yardmaster/protocol";

/** What a key takes, and the sentence that an editor shows beside it. */
export interface Key {
  readonly schema: JsonObject;
  readonly description: string;
}

export function key(description: string, schema: JsonObject = {}): Key {
  return { schema, description };
}

interface ClosedMap {
  /** The compiler's own list: the schema has these keys, no more and no less. */
  readonly keys: readonly string[];
  readonly of: { readonly [key: string]: Key };
  readonly required?: readonly string[];
}

/** The schema of a map that takes only the compiler's keys. Throws where one of them is not described. */
export function closedMap({ keys, of, required = [] }: ClosedMap): JsonObject {
  const extra = Object.keys(of).filter((name) => !keys.includes(name));
  if (extra.length > 0) throw new Error(`the compiler has no key ${extra.join(", ")} (k7p2)`);
  return {
    type: "object",
    properties: Object.fromEntries(keys.map((name) => [name, described(name, of)])),
    ...(required.length === 0 ? {} : { required: [...required] }),
    additionalProperties: false,
  };
}

function described(name: string, of: ClosedMap["of"]): Json {
  const found = of[name];
  if (found === undefined) throw new Error(`the published schema does not say ${name} (k7p3)`);
  return { description: found.description, ...found.schema };
}

/** A map that has one of these keys has none of the others. */
export function onlyOneOf(names: readonly string[]): JsonObject {
  const others = (name: string) => names.filter((other) => other !== name);
  return Object.fromEntries(names.map((name) => [name, without(others(name))]));
}

/** A map without these keys. */
export function without(names: readonly string[]): JsonObject {
  return { properties: Object.fromEntries(names.map((name) => [name, false])) };
}

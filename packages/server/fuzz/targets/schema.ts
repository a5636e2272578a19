import { checkJsonSchema, compileValidator, objectSchema } from "@yardmaster/kernel";
import { isAppError, type Json } from "@yardmaster/protocol";
import { type FuzzTarget, must, wordFor } from "../target.ts";

/** What schemas are tried on. */
const VALUES: readonly Json[] = [
  {},
  null,
  [],
  "",
  -1.5,
  { name: "Ada", n: 3, list: ["a", null], at: "2026-01-31T09:30:00Z", delay: "1h", __proto__: 1 },
  JSON.parse('{"__proto__": {"x": 1}, "constructor": 2, "a/b~c": [[[]]]}') as Json,
  ["1h", "2026-02-30T00:00:00Z", "https://a.test", "a@b.c"],
];

/** `input:` of an action, or a whole JSON Schema, as JSON. */
export const schemaTarget: FuzzTarget = {
  name: "schema",
  seeds: [
    '{"name": "string!", "n": "integer", "list": "string[]*", "at": "timestamp", "delay": "duration!"}',
    '{"o": {"type": "object", "required": true, "properties": {"a": {"type": "integer", "minimum": 1}}}}',
    '{"d": {"type": "string", "default": "x", "enum": ["x", "y"], "pattern": "^[a-z]+$"}}',
    '{"type": "object", "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"}',
    '{"oneOf": [{"const": 1}, {"not": {"type": "string", "format": "uri"}}], "unevaluatedProperties": false}',
    '{"type": ["string", "null"], "minLength": 1, "allOf": [{"if": {"maxLength": 3}, "then": {"format": "duration"}}]}',
    '{"patternProperties": {"^a": true}, "propertyNames": {"maxLength": 5}, "dependentRequired": {"a": ["b"]}}',
    '{"$id": "a", "$dynamicAnchor": "n", "properties": {"x": {"$dynamicRef": "#n"}}, "$defs": {"b": {"$id": "b", "$ref": "a", "$dynamicAnchor": "n"}}}',
    '{"contains": {"type": "string"}, "prefixItems": [true], "if": {"minItems": 2}, "unevaluatedItems": {"$ref": "#/$defs/a"}, "$defs": {"a": {"$anchor": "a", "type": "number"}}}',
    '{"t": {"$ref": "#/$defs/n", "$defs": {"n": {"type": "array", "items": {"$ref": "#"}}}, "required": true}}',
    '{"prefixItems": [{}], "contains": {"type": "number"}, "uniqueItems": true, "multipleOf": 0.01}',
  ],
  words: [
    '"$ref": "#"',
    '"$id": "x"',
    '"$dynamicRef": "#a"',
    '"$dynamicAnchor": "a"',
    '"$anchor": "a"',
    '"$ref": "x#a"',
    '"unevaluatedProperties": false',
    '"unevaluatedItems": ',
    '"pattern": "(a+)+$"',
    '"format": "regex"',
    '"items": ',
    '"properties": {',
    '"required": ["a"]',
    '"default": ',
    '"type": "any"',
    '"string[][]*!"',
    '"enum": []',
    '"minimum": 1e999',
    '"additionalProperties": false',
    '"$schema": ',
    "{}",
    "[]",
    "true",
    '": ',
    ", ",
    '"__proto__": {}',
    '"#/$defs/a"',
    '"#/%24defs"',
    '"nullable": true',
    '"discriminator": ',
    '"$async": true',
  ],
  run(input) {
    const schema = parsed(input.toString("utf8"));
    if (schema === undefined) return "no JSON";
    const words = [fieldsOf(schema)];
    const errors = checkJsonSchema(schema);
    for (const { message } of errors) must(message !== "", "an error says nothing");
    if (errors.length === 0) words.push(tried(schema as never));
    else words.push(wordFor(errors[0]?.message ?? ""));
    return words.join(" / ");
  },
};

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function fieldsOf(fields: Json): string {
  const read = objectSchema(fields, { closed: true });
  if (read.ok) return tried(read.schema);
  must(read.errors.length > 0, "refused without a reason");
  return wordFor(read.errors[0]?.message ?? "");
}

/** What the check found good is taken, and gives the same verdict on its own answer. */
function tried(schema: Parameters<typeof compileValidator>[0]): string {
  let good = 0;
  for (const value of VALUES) {
    const before = JSON.stringify(value);
    const result = validated(schema, value);
    must(JSON.stringify(value) === before, "the value was changed");
    if (!result.ok) {
      must(result.errors.length > 0, "refused without a reason", value);
      continue;
    }
    good++;
    must(validated(schema, result.value).ok, "what was filled in does not fit", result.value);
  }
  return `fits ${good}`;
}

function validated(schema: Parameters<typeof compileValidator>[0], value: Json) {
  try {
    return compileValidator(schema).validate(value);
  } catch (error) {
    must(!isAppError(error), "a schema that was found good is refused", String(error));
    throw error;
  }
}

import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { checkJsonSchema } from "./check-schema.ts";
import type { JsonSchema, SchemaError } from "./json-schema.ts";
import { KEYWORDS } from "./keywords.ts";
import { isOnlyShortForm, parseShortForm } from "./short-form.ts";
import { compileValidator } from "./validator.ts";
import { walkSchema } from "./walk-schema.ts";

export type ObjectSchema =
  | { readonly ok: true; readonly schema: JsonSchema }
  | { readonly ok: false; readonly errors: readonly SchemaError[] };

type Field =
  | { readonly schema: JsonSchema; readonly required: boolean }
  | { readonly errors: SchemaError[] };

/**
 * The object schema of a map of name → short form (`"string[]*!"`) or JSON Schema object, the latter with
 * `required: true` and `default`, and with the short form's words as `type`. Nothing at all is an empty map.
 * `closed` refuses fields that are not named (inputs are closed, outputs are open).
 */
export function objectSchema(fields: unknown, options: { closed: boolean }): ObjectSchema {
  if (fields !== undefined && fields !== null && !isJsonObject(fields)) {
    return {
      ok: false,
      errors: [
        { path: [], message: "must be a map of names to types", hint: 'write { name: "string!" }' },
      ],
    };
  }
  const properties: { [name: string]: Json } = {};
  const required: string[] = [];
  const errors: SchemaError[] = [];
  for (const [name, declared] of Object.entries(fields ?? {})) {
    const field =
      name === "__proto__" ? fieldError("this name is not allowed") : readField(declared);
    if ("errors" in field)
      errors.push(...field.errors.map((error) => ({ ...error, path: [name, ...error.path] })));
    else {
      properties[name] = withinItself(name, field.schema);
      if (field.required) required.push(name);
    }
  }
  if (errors.length > 0) return { ok: false, errors };
  const schema = {
    type: "object",
    properties,
    ...(required.length > 0 ? { required } : {}),
    ...(options.closed ? { additionalProperties: false } : {}),
  };
  const whole = checkJsonSchema(schema);
  return whole.length > 0 ? { ok: false, errors: whole } : { ok: true, schema };
}

/** What a field's schema refers to stands within it, not in the map that it becomes a part of. */
function withinItself(name: string, schema: JsonSchema): JsonSchema {
  if (typeof schema === "boolean" || schema["$id"] !== undefined) return schema;
  let refers = false;
  walkSchema(schema, ({ $ref, $dynamicRef, $anchor, $dynamicAnchor }) => {
    refers ||= [$ref, $dynamicRef, $anchor, $dynamicAnchor].some((one) => one !== undefined);
  });
  return refers ? { $id: `fields/${encodeURIComponent(name)}`, ...schema } : schema;
}

function readField(declared: unknown): Field {
  if (typeof declared === "string") {
    const short = parseShortForm(declared);
    return short.ok ? short : fieldError(short.message, short.hint);
  }
  if (typeof declared === "boolean") return { schema: declared, required: false };
  if (!isJsonObject(declared)) {
    return fieldError(
      "must be a type or a JSON Schema object",
      'write for example "string[]!", in quotes because of the brackets',
    );
  }
  return readObjectForm(declared);
}

function readObjectForm(declared: JsonObject): Field {
  const names = Object.keys(declared);
  if (names.length > 0 && !names.some((name) => KEYWORDS.has(name))) {
    return fieldError(
      "has no keyword of JSON Schema",
      `for an object with these fields write { type: object, properties: { ${names[0]}: … } }`,
    );
  }
  const { required, type, ...rest } = declared;
  const short = isOnlyShortForm(type) ? parseShortForm(type) : undefined;
  const isRequired = required === true || (short?.ok === true && short.required);
  const schema: JsonObject = {
    ...(short?.ok === true ? short.schema : type === undefined ? {} : { type }),
    ...rest,
    ...(typeof required === "boolean" || required === undefined ? {} : { required }),
  };
  const errors = checkJsonSchema(schema);
  if (errors.length === 0) errors.push(...defaultErrors(schema));
  return errors.length > 0
    ? { errors: errors.map(withTypeHint) }
    : { schema, required: isRequired };
}

function defaultErrors(schema: JsonObject): SchemaError[] {
  const value = schema["default"];
  if (value === undefined) return [];
  const result = compileValidator(schema).validate(value);
  if (result.ok) return [];
  return result.errors.map((error) => ({
    path: ["default", ...error.path.split("/").slice(1)],
    message: `the default does not fit: ${error.message}`,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  }));
}

function withTypeHint(error: SchemaError): SchemaError {
  if (error.path.length !== 1 || error.path[0] !== "type" || error.hint !== undefined) return error;
  const short = "string, integer, number, boolean, object, any, duration, timestamp";
  return {
    ...error,
    message: "is not a type",
    hint: `use one of ${short}, or a list of JSON Schema's own`,
  };
}

function fieldError(message: string, hint?: string): { errors: SchemaError[] } {
  return { errors: [{ path: [], message, ...(hint === undefined ? {} : { hint }) }] };
}

import { type JsonObject, nearest } from "@yardmaster/protocol";

const SCALARS: { readonly [name: string]: JsonObject } = {
  string: { type: "string" },
  integer: { type: "integer" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  object: { type: "object" },
  any: {},
  duration: { type: "string", format: "duration" },
  timestamp: { type: "string", format: "date-time" },
};

/** The words of the short form. */
export const SHORT_TYPES: readonly string[] = Object.keys(SCALARS);

/** What other languages call them. */
const OTHER_NAMES: { readonly [name: string]: string | undefined } = {
  int: "integer",
  str: "string",
  text: "string",
  bool: "boolean",
  float: "number",
  double: "number",
  map: "object",
  dict: "object",
  datetime: "timestamp",
};

const SHORT_FORM = /^([A-Za-z]+)((?:\[\])*)(\*?)(!?)$/;

export type ShortForm =
  | { readonly ok: true; readonly schema: JsonObject; readonly required: boolean }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** Reads `type[]*!`: `[]` a list of it, `*` may be null, `!` required. */
export function parseShortForm(text: string): ShortForm {
  const match = SHORT_FORM.exec(text.trim());
  const name = match?.[1] ?? /^[A-Za-z]*/.exec(text.trim())?.[0] ?? "";
  const scalar = Object.hasOwn(SCALARS, name) ? SCALARS[name] : undefined;
  if (match === null || scalar === undefined) {
    return { ok: false, message: `"${text}" is not a type`, hint: typeHint(name, text) };
  }
  let schema = scalar;
  for (let i = 0; i < (match[2]?.length ?? 0) / 2; i++) schema = { type: "array", items: schema };
  if (match[3] === "*") schema = nullable(schema);
  return { ok: true, schema, required: match[4] === "!" };
}

/** Whether `text` is a word of the short form that JSON Schema's own `type` does not know. */
export function isOnlyShortForm(text: unknown): text is string {
  if (typeof text !== "string" || !parseShortForm(text).ok) return false;
  return !["string", "integer", "number", "boolean", "object"].includes(text);
}

function nullable(schema: JsonObject): JsonObject {
  return typeof schema["type"] === "string"
    ? { ...schema, type: [schema["type"], "null"] }
    : schema;
}

function typeHint(name: string, text: string): string {
  if (Object.hasOwn(SCALARS, name)) {
    return `write ${name}, then [] for a list, * if it may be null, ! if it is required, in this order: "${name}[]*!"`;
  }
  if (/^(list|array)$/i.test(name)) return 'write what it is a list of: "string[]"';
  const near = OTHER_NAMES[name.toLowerCase()] ?? nearest(name, Object.keys(SCALARS));
  if (near !== undefined) return `did you mean "${text.replace(name, near)}"?`;
  return `use one of ${Object.keys(SCALARS).join(", ")}`;
}

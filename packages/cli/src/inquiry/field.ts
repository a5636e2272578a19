import { AppError, isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol/core";

/** A field of an answer, as the schema of its question declares it. */
export interface Field {
  readonly name: string;
  readonly schema: JsonObject;
  readonly isRequired: boolean;
}

/** The fields that a question names, in their order. */
export function fieldsOf(schema: Json): Field[] {
  if (!isJsonObject(schema) || !isJsonObject(schema["properties"])) return [];
  const { properties, required } = schema;
  const names = Array.isArray(required) ? required : [];
  return Object.entries(properties).map(([name, declared]) => ({
    name,
    schema: isJsonObject(declared) ? declared : {},
    isRequired: names.includes(name),
  }));
}

/** What a field takes, for whoever fills it in: `true or false`, `one of red, green`. */
export function wanted({ schema, isRequired }: Field): string {
  const choices = choicesOf(schema);
  const type = choices === undefined ? TYPE_WORDS[typeOf(schema) ?? ""] : undefined;
  const what = choices === undefined ? (type ?? "JSON") : `one of ${choices.join(", ")}`;
  return isRequired ? what : `${what}, or nothing`;
}

const TYPE_WORDS: { readonly [type: string]: string } = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
};

/** Values of an `enum`, as they are written. */
export function choicesOf(schema: JsonObject): string[] | undefined {
  const choices = schema["enum"];
  if (!Array.isArray(choices)) return undefined;
  return choices.map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
}

/** The type that it has, but for null. */
function typeOf({ type }: JsonObject): string | undefined {
  const types = [type].flat().filter((one) => typeof one === "string" && one !== "null");
  return types.length === 1 ? (types[0] as string) : undefined;
}

/**
 * The value of a field as a person writes it: by its type text is text, `yes` is true, and what is neither text, number
 * nor truth is JSON. @throws AppError `invalid_request`
 */
export function readField(name: string, schema: JsonObject, text: string): Json {
  const choices = schema["enum"];
  if (Array.isArray(choices)) {
    const at = choicesOf(schema)?.indexOf(text) ?? -1;
    if (at >= 0) return choices[at] as Json;
    throw misread(name, `one of ${choicesOf(schema)?.join(", ")}`, text);
  }
  switch (typeOf(schema)) {
    case "string":
      return text;
    case "boolean":
      return readTruth(name, text);
    case "integer":
    case "number":
      return readNumber(name, text);
    default:
      return readJson(name, text);
  }
}

const TRUE: readonly string[] = ["true", "yes", "y"];
const FALSE: readonly string[] = ["false", "no", "n"];

function readTruth(name: string, text: string): boolean {
  const word = text.trim().toLowerCase();
  if (TRUE.includes(word)) return true;
  if (FALSE.includes(word)) return false;
  throw misread(name, "true or false", text);
}

/** Whether it is whole enough says the schema. */
function readNumber(name: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw misread(name, "a number", text);
}

function readJson(name: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw misread(name, `JSON, in quotes for the shell: ${name}='["a"]', ${name}='"text"'`, text);
  }
}

function misread(name: string, expected: string, got: string): AppError {
  return new AppError("invalid_request", `${name} takes ${expected}, not "${got.slice(0, 100)}"`);
}

import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol/core";

/** How a field of an answer is filled in. What is none of these is JSON. */
export type FieldKind = "text" | "number" | "whole" | "choice" | "json";

export interface AnswerField {
  readonly name: string;
  readonly kind: FieldKind;
  readonly isRequired: boolean;
  readonly description: string | undefined;
  /** Of a choice: what is shown, with what it stands for. */
  readonly choices: readonly { readonly text: string; readonly value: Json }[];
  /** What stands in it at first. */
  readonly first: string;
}

const TRUTH = [
  { text: "Yes", value: true },
  { text: "No", value: false },
];

/** The fields of the form for an answer, by the schema of its question; none where it names none. */
export function answerFields(schema: Json): AnswerField[] {
  if (!isJsonObject(schema) || !isJsonObject(schema["properties"])) return [];
  const { properties, required } = schema;
  const names = Array.isArray(required) ? required : [];
  return Object.entries(properties).map(([name, declared]) =>
    fieldOf(name, isJsonObject(declared) ? declared : {}, names.includes(name)),
  );
}

function fieldOf(name: string, declared: JsonObject, isRequired: boolean): AnswerField {
  const choices = choicesOf(declared);
  const kind = choices.length > 0 ? "choice" : (KINDS[typeOf(declared) ?? ""] ?? "json");
  const { description, default: first } = declared;
  return {
    name,
    kind,
    isRequired,
    description: typeof description === "string" ? description : undefined,
    choices,
    first: first === undefined ? "" : textOf(first, kind, choices),
  };
}

const KINDS: { readonly [type: string]: FieldKind } = {
  string: "text",
  integer: "whole",
  number: "number",
};

function choicesOf(declared: JsonObject): AnswerField["choices"] {
  const { enum: values } = declared;
  if (Array.isArray(values))
    return values.map((value) => ({
      text: typeof value === "string" ? value : JSON.stringify(value),
      value,
    }));
  return typeOf(declared) === "boolean" ? TRUTH : [];
}

/** The type that it has, but for null. */
function typeOf({ type }: JsonObject): string | undefined {
  const types = [type].flat().filter((one) => typeof one === "string" && one !== "null");
  return types.length === 1 ? (types[0] as string) : undefined;
}

function textOf(value: Json, kind: FieldKind, choices: AnswerField["choices"]): string {
  if (kind === "choice") return choices.find((one) => one.value === value)?.text ?? "";
  return kind === "text" && typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * The answer of a filled form, by the names of its fields: what is empty is left out, but for a text that must be there.
 * @throws Error for what is not JSON, or no number
 */
export function answerOf(
  fields: readonly AnswerField[],
  filled: { readonly [name: string]: string },
): JsonObject {
  const entries = fields.flatMap((field): [string, Json][] => {
    const text = filled[field.name] ?? "";
    const isLeftOut = text === "" && !(field.kind === "text" && field.isRequired);
    return isLeftOut ? [] : [[field.name, readValue(field, text)]];
  });
  return Object.fromEntries(entries);
}

function readValue({ name, kind, choices }: AnswerField, text: string): Json {
  switch (kind) {
    case "text":
      return text;
    case "choice":
      return choices.find((one) => one.text === text)?.value ?? text;
    case "number":
    case "whole":
      return Number(text);
    case "json":
      return jsonOf(name, text);
  }
}

function jsonOf(name: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new Error(`${name} is not JSON: ${(error as Error).message}`);
  }
}

import { type FieldError, isJsonObject, type Json, nearest } from "@yardmaster/protocol";
import type { ErrorObject } from "ajv/dist/2020.js";
import { FORMAT_EXAMPLES } from "./formats.ts";

const MAX_ERRORS = 20;
const MAX_SHOWN = 60;

/** Ajv's errors as people should read them: a JSON pointer, what was expected, what came, the likely slip. */
export function fieldErrors(errors: readonly ErrorObject[]): FieldError[] {
  return errors
    .filter((error) => !isInsideChoice(error, errors))
    .slice(0, MAX_ERRORS)
    .map(fieldError);
}

/** The branches of a failed anyOf or oneOf contradict each other; the choice itself is the error. */
function isInsideChoice(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  if (error.keyword === "if") return true;
  return all.some(
    (other) =>
      other !== error &&
      (other.keyword === "anyOf" || other.keyword === "oneOf") &&
      error.schemaPath.startsWith(`${other.schemaPath}/`),
  );
}

function fieldError(error: ErrorObject): FieldError {
  const params = error.params as { readonly [key: string]: unknown };
  const got = error.data as Json | undefined;
  switch (error.keyword) {
    case "required":
      return missing(error, String(params["missingProperty"]));
    case "additionalProperties":
      return unknownProperty(error, String(params["additionalProperty"]));
    case "unevaluatedProperties":
      return unknownProperty(error, String(params["unevaluatedProperty"]));
    case "type":
      return wrong(error, exampleOf(error) ?? typesOf(params["type"]), kindName(got));
    case "enum":
      return wrong(
        error,
        `one of ${[params["allowedValues"]].flat().map(show).join(", ")}`,
        show(got),
      );
    case "const":
      return wrong(error, show(params["allowedValue"]), show(got));
    case "format":
      return wrong(
        error,
        FORMAT_EXAMPLES[String(params["format"])] ?? `a ${String(params["format"])}`,
        show(got),
      );
    case "anyOf":
    case "oneOf":
      return wrong(error, "one of the allowed forms", kindName(got));
    default:
      return wrong(
        error,
        (error.message ?? "something else").replace(/^must (?:be )?/, ""),
        show(got),
      );
  }
}

function typesOf(type: unknown): string {
  return words([type].flat().map(typeName));
}

/** A text of a form: `5` in quotes would be no duration either. */
function exampleOf({ params, parentSchema }: ErrorObject): string | undefined {
  const format = isJsonObject(parentSchema) ? parentSchema["format"] : undefined;
  return params["type"] === "string" && typeof format === "string"
    ? FORMAT_EXAMPLES[format]
    : undefined;
}

function wrong(error: ErrorObject, expected: string, got: string): FieldError {
  return { path: error.instancePath, message: `expected ${expected}, got ${got}`, expected, got };
}

function missing(error: ErrorObject, name: string): FieldError {
  const properties = propertiesOf(error);
  const schema = isJsonObject(properties) ? properties[name] : undefined;
  const type = isJsonObject(schema)
    ? [schema["type"]].flat().filter((part) => typeof part === "string")
    : [];
  const expected = type.length > 0 ? words(type.map(typeName)) : "a value";
  return {
    path: `${error.instancePath}/${pointer(name)}`,
    message: `${name} is required`,
    expected,
    got: "nothing",
  };
}

function unknownProperty(error: ErrorObject, name: string): FieldError {
  const properties = propertiesOf(error);
  const known = isJsonObject(properties) ? Object.keys(properties) : [];
  const near = nearest(name, known);
  const hint = near === undefined ? knownNames(known) : `did you mean "${near}"?`;
  return {
    path: `${error.instancePath}/${pointer(name)}`,
    message: `${name} is not a known property`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function knownNames(known: readonly string[]): string | undefined {
  if (known.length === 0) return "no properties are known here";
  return known.length <= 12 ? `known are ${known.join(", ")}` : undefined;
}

function propertiesOf(error: ErrorObject): Json | undefined {
  return isJsonObject(error.parentSchema) ? error.parentSchema["properties"] : undefined;
}

function pointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

function words(parts: readonly string[]): string {
  return parts.length < 2
    ? (parts[0] ?? "a value")
    : `${parts.slice(0, -1).join(", ")} or ${parts.at(-1)}`;
}

function typeName(type: unknown): string {
  switch (type) {
    case "array":
      return "a list";
    case "object":
      return "an object";
    case "integer":
      return "an integer";
    case "null":
      return "null";
    default:
      return `a ${String(type)}`;
  }
}

function kindName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeName(typeof value);
}

/** A short value as JSON, a long one by its kind: errors are read by people and kept in logs. */
function show(value: unknown): string {
  if (typeof value === "object" && value !== null) return kindName(value);
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}

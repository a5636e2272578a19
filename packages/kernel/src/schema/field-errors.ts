import { type FieldError, isJsonObject, type Json, nearest } from "@yardmaster/protocol";
import type { ErrorObject } from "ajv/dist/2020.js";
import { FORMAT_EXAMPLES } from "./formats.ts";
import { exampleOf, kindName, oneOf, show, typesOf } from "./words.ts";

const MAX_ERRORS = 20;

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
  const got = (Object.hasOwn(params, "own") ? params["own"] : error.data) as Json | undefined;
  switch (error.keyword) {
    case "required":
      return missing(error, String(params["missingProperty"]));
    case "additionalProperties":
      return unknownProperty(error, String(params["additionalProperty"]));
    case "unevaluatedProperties":
      return unknownProperty(error, String(params["unevaluatedProperty"]));
    case "type":
      return wrong(error, formOf(error) ?? typesOf(params["type"]), kindName(got));
    case "enum":
      return wrongWord(error, [params["allowedValues"]].flat(), got);
    case "const":
      return wrong(error, show(params["allowedValue"]), show(got));
    case "format":
      return wrong(
        error,
        FORMAT_EXAMPLES[String(params["format"])] ?? `a ${String(params["format"])}`,
        show(got),
      );
    case "pattern":
      return wrong(error, textLike(error), show(got));
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

/** Who wrote the schema may say what fits; a pattern is hard to read. */
function textLike({ params, parentSchema }: ErrorObject): string {
  const examples = isJsonObject(parentSchema) ? parentSchema["examples"] : undefined;
  if (!Array.isArray(examples) || examples.length === 0)
    return `text that fits ${params["pattern"]}`;
  return `something like ${examples.map(show).join(", ")}`;
}

function formOf({ params, parentSchema }: ErrorObject): string | undefined {
  return params["type"] === "string" ? exampleOf(parentSchema) : undefined;
}

function wrongWord(
  error: ErrorObject,
  words: readonly unknown[],
  got: Json | undefined,
): FieldError {
  const texts = words.filter((word) => typeof word === "string");
  const text = typeof got === "string" ? got : "";
  const near =
    texts.find((word) => word.toLowerCase() === text.toLowerCase()) ?? nearest(text, texts);
  const found = wrong(error, oneOf(words), show(got));
  return near === undefined || text === "" ? found : { ...found, hint: `did you mean "${near}"?` };
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
  const expected = typesOf(type);
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

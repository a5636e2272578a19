import { type FieldError, nearest } from "@yardmaster/protocol";
import { z } from "zod";
import { pointerPart } from "../../json/index.ts";

type Issue = z.core.$ZodIssue;

/** More of one request nobody reads, and a body may be wrong in thousands of places. */
const MAX_ERRORS = 20;

/**
 * What is wrong where, in words of the API: JSON pointers, what was expected, what came, and a likely slip. Of a value
 * that is secret its types are told, and no name that we did not give.
 */
export function fieldErrors(
  schema: z.ZodType,
  value: unknown,
  error: z.core.$ZodError,
  isSecret = false,
): FieldError[] {
  const first = error.issues.slice(0, MAX_ERRORS).flatMap((issue) => {
    const path = issue.path.map((part) => `/${pointerPart(part as string | number)}`).join("");
    if (isOfKeys(issue)) return unknownKeys(schema, issue, path, isSecret);
    if (issue.code === "invalid_key") return [wrongKey(issue, path, isSecret)];
    return [{ path, ...describe(issue), ...received(issue, value, isSecret) }];
  });
  return first.slice(0, MAX_ERRORS);
}

/** How many places are wrong, those included that are not told one by one. */
export function errorCount({ issues }: z.core.$ZodError): number {
  return issues.reduce((count, issue) => count + (isOfKeys(issue) ? issue.keys.length : 1), 0);
}

function isOfKeys(issue: Issue): issue is Issue & { code: "unrecognized_keys"; keys: string[] } {
  return issue.code === "unrecognized_keys";
}

function wrongKey(issue: Issue & { issues: Issue[] }, path: string, isSecret: boolean): FieldError {
  const message = issue.issues[0]?.message ?? issue.message;
  if (isSecret) return { path: path.slice(0, path.lastIndexOf("/")), message: `a key ${message}` };
  return { path, message, got: brief(issue.path.at(-1)) };
}

function unknownKeys(
  schema: z.ZodType,
  issue: Issue & { keys: string[] },
  path: string,
  isSecret: boolean,
): FieldError[] {
  const known = keysAt(schema, issue.path);
  return issue.keys.slice(0, MAX_ERRORS).map((key) => {
    const near = nearest(key, known);
    return {
      ...(isSecret
        ? { path, message: "has a field that is not known here" }
        : { path: `${path}/${pointerPart(key)}`, message: "is not known here" }),
      ...(known.length > 0 && { expected: `one of ${known.join(", ")}` }),
      ...(near !== undefined && { hint: `Did you mean ${near}?` }),
    };
  });
}

function describe(issue: Issue): { message: string; expected?: string; hint?: string } {
  switch (issue.code) {
    case "invalid_type":
      return { message: `must be of type ${issue.expected}`, expected: issue.expected };
    case "invalid_value":
      return {
        message: "is none of the values allowed",
        expected: issue.values.map(String).join(", "),
      };
    case "too_small":
      return { message: "is too small", expected: `${issue.origin} of at least ${issue.minimum}` };
    case "too_big":
      return { message: "is too big", expected: `${issue.origin} of at most ${issue.maximum}` };
    case "invalid_format":
      // Of a pattern the message says in words what it asks for.
      if (issue.format === "datetime") return { message: "is not a time", expected: TIME };
      return issue.format === "regex"
        ? { message: issue.message }
        : { message: issue.message, expected: issue.format };
    default:
      return { message: issue.message };
  }
}

const TIME = "RFC 3339, such as 2026-01-31T12:00:00Z";

const HIDDEN = /secret|token|password|^value$/i;

function received(
  issue: Issue,
  value: unknown,
  isSecret: boolean,
): { message?: string; got?: string; hint?: string } {
  const got = valueAt(value, issue.path);
  // What we ask for in our own words says more than that it is missing.
  if (got === undefined && issue.code === "custom") return { got: "nothing" };
  if (got === undefined) return { message: "is needed", got: "nothing" };
  if (isSecret || HIDDEN.test(issue.path.join("/"))) return { got: typeOf(got) };
  const near =
    issue.code === "invalid_value" ? nearest(String(got), issue.values.map(String)) : undefined;
  return { got: brief(got), ...(near !== undefined && { hint: `Did you mean ${near}?` }) };
}

/** In the words of JSON. */
function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

const BRIEF_LENGTH = 80;

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > BRIEF_LENGTH ? `${text.slice(0, BRIEF_LENGTH)}…` : text;
}

/** Names that the object at a path may have. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: z.core.$ZodType | undefined = bare(schema);
  for (const key of path) {
    if (at instanceof z.ZodObject) at = bare(at.shape[key as string]);
    else if (at instanceof z.ZodArray) at = bare(at.element);
    else return [];
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

export function bare(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  const wrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault;
  return wrapped ? bare(schema.def.innerType) : schema;
}

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import {
  AppError,
  isAppError,
  type Json,
  type JsonObject,
  jsonFlaw,
  numberFlaw,
  placedFlaw,
} from "@yardmaster/protocol/core";
import { InvalidArgumentError } from "commander";
import type { Io } from "./io.ts";
import { repeatedKey } from "./repeated-key.ts";

/**
 * The JSON that an option gives: written out, `@file`, or `@-` for stdin. `name` is the option, for messages.
 * Throws AppError invalid_request.
 */
export async function readJsonOption(
  name: string,
  given: string,
  io: Pick<Io, "cwd" | "readStdin">,
): Promise<Json> {
  const text = given.startsWith("@") ? await readSource(name, given.slice(1), io) : given;
  const where = given === "@-" ? "stdin" : given.startsWith("@") ? given.slice(1) : "its value";
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new AppError("invalid_request", `${name}: ${where} is not JSON: ${placed(text)}`, {
      cause,
    });
  }
  const flaw = numberFlaw(text, "exact") ?? repeatedKey(text);
  if (flaw === undefined) return value;
  throw new AppError("invalid_request", `${name}: ${where}: ${placed(text, flaw)}`);
}

/** For an option of which the last one would count, and the others be dropped without a word. */
export function givenOnce(given: string, before: string | undefined): string {
  if (before === undefined) return given;
  throw new InvalidArgumentError("It is given twice.");
}

/** What is wrong with a text, and where. */
function placed(text: string, flaw = jsonFlaw(text)): string {
  return flaw === undefined ? "it cannot be read" : placedFlaw(text, flaw);
}

async function readSource(
  name: string,
  path: string,
  io: Pick<Io, "cwd" | "readStdin">,
): Promise<string> {
  if (path === "-") return io.readStdin();
  try {
    return await readFile(resolve(io.cwd, path), "utf8");
  } catch (cause) {
    throw new AppError(
      "invalid_request",
      `${name}: ${path} cannot be read: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/**
 * `key=value` words as an input. A value that is JSON is taken as it (`n=3`, `ok=true`, `tags=["a"]`), any other as
 * text; `key='"3"'` is the text 3. A number that JSON cannot hold stays text; inside of a list or map it is an error.
 * Throws AppError invalid_request.
 */
export function parseAssignments(words: readonly string[]): JsonObject {
  const input: Record<string, Json> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 1)
      throw new AppError(
        "invalid_request",
        `"${word}" is not key=value; a whole input is given by --input`,
      );
    const key = word.slice(0, at);
    if (Object.hasOwn(input, key))
      throw new AppError(
        "invalid_request",
        `"${key}" is given twice; a list is given as ${key}='["a","b"]'`,
      );
    Object.defineProperty(input, key, {
      value: parseValue(key, word.slice(at + 1)),
      enumerable: true,
    });
  }
  return input;
}

function parseValue(key: string, text: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return text;
  }
  const flaw = numberFlaw(text, "exact") ?? repeatedKey(text);
  if (flaw === undefined) return value;
  if (typeof value === "number") return text;
  throw new AppError("invalid_request", `${key}: ${flaw.problem}`);
}

/**
 * A refused input whose words were taken as JSON where text was wanted (`q=503`), or as text where a list or an object
 * was (`tags=[a]`, of which the shell took the quotes): each such field says how it is written. Any other error as it is.
 */
export function withWordHints(error: unknown, words: readonly string[]): unknown {
  if (!isAppError(error) || error.code !== "invalid_input") return error;
  const errors = error.errors.map((field) => {
    const word = words.find((each) => field.path === `/input/${each.slice(0, each.indexOf("="))}`);
    if (word === undefined || field.hint !== undefined) return field;
    if (isTooExact(word, field.expected ?? "")) return { ...field, ...tooExact(word) };
    const hint = hintFor(word, field.expected ?? "");
    if (hint === undefined) return field;
    return { ...field, hint };
  });
  return new AppError(error.code, error.message, { errors, cause: error });
}

/** It stayed text, since the number that it would be is another. */
function isTooExact(word: string, expected: string): boolean {
  const text = word.slice(word.indexOf("=") + 1);
  return /\b(integer|number)\b/.test(expected) && INTEGER.test(text) && !isSafe(text);
}

const INTEGER = /^-?\d+$/;

function isSafe(text: string): boolean {
  return Number.isSafeInteger(Number(text));
}

function tooExact(word: string): { message: string; hint: string } {
  const at = word.indexOf("=");
  const most = Number.MAX_SAFE_INTEGER;
  return {
    message: `${word.slice(at + 1)} is a whole number beyond ${most}, and would not be kept exactly`,
    hint: `give a smaller one; an id is no number: let the definition say ${word.slice(0, at)}: string`,
  };
}

function hintFor(word: string, expected: string): string | undefined {
  const at = word.indexOf("=");
  const key = word.slice(0, at);
  if (/\ba string\b/.test(expected))
    return `as text: ${key}='${JSON.stringify(word.slice(at + 1))}'`;
  const flaw = whyNoJson(word.slice(at + 1));
  if (expected === "a list")
    return `a list is JSON, in quotes for the shell: ${key}='["a","b"]'${flaw}`;
  if (expected === "an object")
    return `an object is JSON, in quotes for the shell: ${key}='{"a":1}'${flaw}`;
  return undefined;
}

/** Of what still has the quotes of JSON, where it is none. */
function whyNoJson(text: string): string {
  if (!text.includes('"') || jsonFlaw(text) === undefined) return "";
  return `; what is given is none: ${placed(text)}`;
}

import type { Inquiry } from "@yardmaster/protocol";
import { AppError, type Json, type JsonObject } from "@yardmaster/protocol/core";
import type { Io } from "../io.ts";
import { printable } from "../output/printable.ts";
import { readJsonOption } from "../run-input.ts";
import { askFields } from "./ask-fields.ts";
import { fieldsOf, readField, wanted } from "./field.ts";

export interface GivenAnswer {
  /** `name=value`. */
  readonly words: readonly string[];
  /** A file, or `-` for stdin. */
  readonly file?: string | undefined;
}

/** The answer to a question: as it was given, or asked for on the terminal. @throws AppError `invalid_request` */
export async function readAnswer(
  inquiry: Inquiry,
  { words, file }: GivenAnswer,
  io: Io,
): Promise<Json> {
  if (file !== undefined && words.length > 0)
    throw new AppError(
      "invalid_request",
      "Give the answer by --json-answer or as name=value, not both",
    );
  if (file !== undefined) return await readJsonOption("--json-answer", `@${file}`, io);
  if (words.length > 0) return wordsAnswer(inquiry, words);
  if (io.stdin.isTTY) return await askFields(inquiry, io);
  const named = fieldsOf(inquiry.schema).map((field) => `${field.name}=… (${wanted(field)})`);
  const wants = named.length === 0 ? "takes any name=value" : `wants ${named.join(" ")}`;
  throw new AppError(
    "invalid_request",
    printable(
      `No answer is given. The question ${wants}; a whole answer, be it {}, comes by --json-answer -`,
    ),
  );
}

function wordsAnswer({ schema }: Inquiry, words: readonly string[]): JsonObject {
  const fields = new Map(fieldsOf(schema).map((field) => [field.name, field]));
  const answer: JsonObject = {};
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 1)
      throw new AppError(
        "invalid_request",
        `"${word}" is not name=value; a whole answer is given by --json-answer`,
      );
    const name = word.slice(0, at);
    if (Object.hasOwn(answer, name))
      throw new AppError("invalid_request", `"${name}" is given twice`);
    const field = fields.get(name);
    const text = word.slice(at + 1);
    const value = field === undefined ? looseValue(text) : readField(name, field.schema, text);
    Object.defineProperty(answer, name, { value, enumerable: true });
  }
  return answer;
}

/** Of a field that the schema does not name: JSON where it is some, else text. */
function looseValue(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

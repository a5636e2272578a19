import type { Inquiry } from "@yardmaster/protocol";
import { AppError, isAppError, type JsonObject } from "@yardmaster/protocol/core";
import type { Io } from "../io.ts";
import { printable } from "../output/printable.ts";
import { type Field, fieldsOf, readField, wanted } from "./field.ts";
import { createLines, type Lines } from "./lines.ts";

/**
 * Asks for one field after the other on the terminal, on stderr, and again where what is typed is none. Nothing typed
 * leaves out a field that need not be there. Where the question names no fields, whether it is to be answered at all.
 * @throws AppError `invalid_request`
 */
export async function askFields({ prompt, schema }: Inquiry, io: Io): Promise<JsonObject> {
  const lines = createLines(io.stdin);
  io.stderr.write(`${prompt.split("\n").map(printable).join("\n")}\n`);
  try {
    const answer: JsonObject = {};
    const fields = fieldsOf(schema);
    if (fields.length === 0) await confirmEmpty(lines, io);
    for (const field of fields) {
      const value = await askField(field, lines, io);
      if (value !== undefined)
        Object.defineProperty(answer, field.name, { value, enumerable: true });
    }
    return answer;
  } finally {
    lines.close();
  }
}

const EMPTY: Field = {
  name: "It names no fields: answer it with an empty map?",
  schema: { type: "boolean" },
  isRequired: true,
};

async function confirmEmpty(lines: Lines, io: Io): Promise<void> {
  if ((await askField(EMPTY, lines, io)) === true) return;
  throw new AppError("invalid_request", "Nothing was answered.");
}

async function askField(field: Field, lines: Lines, io: Io) {
  const { description } = field.schema;
  const about = typeof description === "string" ? `${printable(description)}\n` : "";
  for (;;) {
    io.stderr.write(`${about}${printable(field.name)} (${printable(wanted(field))}): `);
    const text = await lines.next();
    if (text === "" && !field.isRequired) return undefined;
    if (text === "" && field.schema["type"] !== "string") continue;
    try {
      return readField(field.name, field.schema, text);
    } catch (error) {
      if (!isAppError(error)) throw error;
      io.stderr.write(`${printable(error.message)}\n`);
    }
  }
}

import { type AppError, ERRORS, isAppError } from "@yardmaster/protocol/core";
import type { Command } from "commander";
import { Interrupted } from "./command.ts";
import { errorWords } from "./error-words.ts";
import type { Io } from "./io.ts";
import { paintFor } from "./output/paint.ts";
import { escapedJson, printable } from "./output/printable.ts";
import { inShellWords } from "./refused-token.ts";

const BUG_EXIT = 1;

/** Tells on stderr what failed and returns the exit code: what, each wrong field with its hint, what to do. */
export async function reportError(
  given: unknown,
  io: Io,
  options: { readonly json: boolean; readonly command?: Command | undefined },
): Promise<number> {
  if (given instanceof Interrupted) return ERRORS.canceled.exit;
  if (!isAppError(given)) {
    io.stderr.write(`yard: ${textOf(given)}\n`);
    return BUG_EXIT;
  }
  const error = await inShellWords(given, io);
  const { exit } = ERRORS[error.code];
  if (options.json) {
    const { code, message, errors } = error;
    io.stderr.write(`${escapedJson({ error: { code, message, errors, exit } })}\n`);
    return exit;
  }
  const paint = paintFor(io.stderr, io.env);
  const words = errorWords(error, options.command);
  const lines = [`${paint.bad("yard:")} ${printable(words.head)}`, ...words.lines];
  const advice = adviceFor(error);
  if (advice !== undefined) lines.push(paint.faint(advice));
  io.stderr.write(`${lines.join("\n")}\n`);
  return exit;
}

/** Of what the system refuses, its words, which name the path; of anything else where it broke. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "syscall" in error ? printable(error.message) : (error.stack ?? error.message);
}

function adviceFor({ code, errors }: AppError): string | undefined {
  switch (code) {
    case "forbidden":
      // What is for others to do is so whatever a token may.
      if (errors.some(({ path }) => path !== "Authorization")) return undefined;
      return "A token with more scopes is needed: `yard tokens create` makes one.";
    case "already_final":
      return "`yard explain RUN` says how it ended.";
    default:
      return undefined;
  }
}

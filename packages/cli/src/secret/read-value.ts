import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { AppError } from "@yardmaster/protocol/core";
import type { Io } from "../io.ts";
import { withoutLineEnd } from "../read-secret.ts";
import { askHidden } from "./ask-hidden.ts";

/**
 * The value of a secret, from where nobody else sees it: a file, what is piped in, or who is asked on the terminal. One
 * newline at its end is not part of it. @throws AppError `invalid_request`, `canceled`
 */
export async function readValue(name: string, file: string | undefined, io: Io): Promise<string> {
  const value = await valueFrom(name, file, io);
  if (value !== "") return value;
  throw new AppError("invalid_request", `The value of ${name} is empty; nothing was set`);
}

async function valueFrom(name: string, file: string | undefined, io: Io): Promise<string> {
  if (file === undefined && io.stdin.isTTY)
    return await askHidden(`Value of ${name}, which is not shown: `, io);
  if (file === undefined || file === "-")
    return withoutLineEnd(textOf(await io.readStdinBytes(), name, "stdin"));
  const path = resolve(io.cwd, file);
  const bytes = await readFile(path).catch((cause: unknown) => {
    const message = `--file: ${file} cannot be read: ${(cause as Error).message}`;
    throw new AppError("invalid_request", message, { cause });
  });
  return withoutLineEnd(textOf(bytes, name, `--file: ${file}`));
}

/** Not as streams decode: they put a sign in the place of what is no text, and the value would be another. */
function textOf(bytes: Uint8Array, name: string, where: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const message = `${where}: it is no UTF-8 text: set it as base64 (base64 -w0 FILE | yard secrets set ${name}), and decode it where it is used`;
    throw new AppError("invalid_request", message, { cause });
  }
}

/** Why a value is not taken from the command line, and where it goes instead. */
export function refuseArgument(name: string): AppError {
  return new AppError(
    "invalid_request",
    `The value of a secret is not taken from the command line: other users of this machine see it there, and the shell keeps it. Leave it out to be asked, name a file (yard secrets set ${name} --file PATH), or pipe it in. What was given is known to your shell now: take another value where that matters`,
  );
}

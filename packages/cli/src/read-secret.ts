import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { AppError } from "@yardmaster/protocol/core";
import type { Io } from "./io.ts";

export interface SecretOptions {
  readonly secretEnv?: string;
  readonly secretFile?: string;
}

/** A secret from where other users of the machine do not see it, as they would see an argument. */
export async function readSecret(
  { secretEnv, secretFile }: SecretOptions,
  io: Io,
): Promise<string | undefined> {
  if (secretEnv !== undefined) {
    const value = io.env[secretEnv];
    if (value === undefined)
      throw new AppError("invalid_request", `--secret-env: ${secretEnv} is not set`);
    return value;
  }
  if (secretFile === undefined) return undefined;
  if (secretFile === "-") return withoutLineEnd(await io.readStdin());
  try {
    return withoutLineEnd(await readFile(resolve(io.cwd, secretFile), "utf8"));
  } catch (cause) {
    throw new AppError(
      "invalid_request",
      `--secret-file: ${secretFile} cannot be read: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** The one line feed that editors and echo leave behind. */
export function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}

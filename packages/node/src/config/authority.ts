import { readFile } from "node:fs/promises";
import { AppError } from "@yardmaster/protocol/core";
import { messageOf } from "./owner-only.ts";

/**
 * The authorities that a server's certificate may be signed by, as PEM.
 * @throws AppError `invalid_setting`, with the setting, its option and the file
 */
export async function readAuthority(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw flawed(`${path} cannot be read (${messageOf(cause)})`, cause);
  });
  if (/-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/.test(text)) return text;
  throw flawed(`${path} is no PEM file of a certificate`);
}

function flawed(what: string, cause?: unknown): AppError {
  return new AppError("invalid_setting", `ca_cert (--ca-cert): ${what}`, { cause });
}

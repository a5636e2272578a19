import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { AppError, failureCode } from "@yardmaster/protocol";

export interface TlsFiles {
  readonly certPath: string;
  readonly keyPath: string;
}

export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** @throws AppError `invalid_setting` where a file cannot be read, or the two do not belong together */
export function readTls({ certPath, keyPath }: TlsFiles): TlsPair {
  const pair = { cert: readPem("YARD_TLS_CERT", certPath), key: readPem("YARD_TLS_KEY", keyPath) };
  try {
    createSecureContext(pair);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AppError(
      "invalid_setting",
      `YARD_TLS_CERT ${certPath} and YARD_TLS_KEY ${keyPath} cannot be used together: ${why}`,
      { cause },
    );
  }
  return pair;
}

function readPem(setting: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const code = failureCode(cause);
    throw new AppError("invalid_setting", `${setting}: ${path} cannot be read (${code})`, {
      cause,
    });
  }
}

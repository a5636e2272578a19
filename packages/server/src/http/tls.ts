import { readFileSync, statSync } from "node:fs";
import type { Server as HttpsServer } from "node:https";
import { createSecureContext } from "node:tls";
import { AppError, failureCode } from "@yardmaster/protocol";
import type { Log } from "../db/index.ts";

export interface TlsFiles {
  readonly certPath: string;
  readonly keyPath: string;
}

export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Certificates are renewed by others, who write the files anew: a server that runs for months must not miss it. */
const LOOK_EVERY_MS = 60_000;

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

export interface TlsFollower {
  /** Looks now, as it does every minute. */
  look(): void;
  stop(): void;
}

/** Takes a renewed certificate up for connections to come; one that cannot be used is told, and the old one stays. */
export function followTls(
  server: HttpsServer,
  files: TlsFiles,
  { log }: { readonly log: Log },
): TlsFollower {
  let seen = stampOf(files);

  function look(): void {
    const stamp = stampOf(files);
    if (stamp === seen) return;
    seen = stamp;
    try {
      server.setSecureContext(readTls(files));
      log.info({ cert: files.certPath }, "the certificate was renewed");
    } catch (error) {
      log.warn(
        { err: error, cert: files.certPath },
        "a changed certificate cannot be used; the one before stays",
      );
    }
  }

  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  return { look, stop: () => clearInterval(timer) };
}

function stampOf({ certPath, keyPath }: TlsFiles): string {
  return [certPath, keyPath]
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return `${stat?.mtimeMs} ${stat?.size} ${stat?.ino}`;
    })
    .join(" ");
}

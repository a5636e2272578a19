import { statSync } from "node:fs";
import type { Server as HttpsServer } from "node:https";
import type { Log } from "../db/index.ts";
import { readTls, type TlsFiles } from "../listening/index.ts";

/** Certificates are renewed by others, who write the files anew: a server that runs for months must not miss it. */
const LOOK_EVERY_MS = 60_000;

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

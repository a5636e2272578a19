import { once } from "node:events";
import { createServer } from "node:net";
import { AppError, failureCode } from "@yardmaster/protocol";
import { readTls, type TlsFiles } from "./tls-files.ts";

/** Another port would not help. */
const OF_HOST: ReadonlySet<string> = new Set(["EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN"]);

/** The settings that an address came from, for who has to correct them. */
export interface AddressSettings {
  readonly host: string;
  readonly port: string;
}

export const MAIN_ADDRESS: AddressSettings = { host: "YARD_HOST", port: "YARD_PORT" };

/** What would keep a server from listening at whatever port. */
export interface ToListen {
  readonly tls: TlsFiles | undefined;
  /** By the settings that they came from. */
  readonly hosts: Readonly<Record<string, string>>;
}

/**
 * Finds what would keep a server from listening before anything is started for it: files of TLS that cannot be used, an
 * address that is none of this machine. The port is not looked at: the process before may have it still, and is waited for.
 * @throws AppError `invalid_setting`
 */
export async function checkListening({ tls, hosts }: ToListen): Promise<void> {
  if (tls !== undefined) readTls(tls);
  for (const [setting, host] of Object.entries(hosts)) {
    const server = createServer();
    try {
      server.listen({ host, port: 0 });
      await once(server, "listening");
    } catch (cause) {
      throw listenFailure(cause, host, { ...MAIN_ADDRESS, host: setting });
    } finally {
      server.close();
    }
  }
}

/** Why an address cannot be had, in words that say what to do; anything else as it was. */
export function listenFailure(cause: unknown, place: string, settings: AddressSettings): unknown {
  const code = failureCode(cause) ?? "";
  const isOfHost = OF_HOST.has(code);
  if (!isOfHost && code !== "EADDRINUSE" && code !== "EACCES") return cause;
  const why = code === "EADDRINUSE" ? "something else listens there" : code;
  const hint = isOfHost
    ? `Set ${settings.host} to an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them.`
    : `Set ${settings.port} to another port, or to 0 for any.`;
  return new AppError("invalid_setting", `Cannot listen on ${place} (${why}). ${hint}`, { cause });
}

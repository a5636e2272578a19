import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { dirname, join, resolve } from "node:path";
import { AppError, failureCode } from "@yardmaster/protocol/core";
import type { Io } from "./io.ts";
import { stoppingServer } from "./stopping-server.ts";

export interface ServerAddress {
  readonly url: string;
  readonly token?: string;
}

/** `server.json` of a data folder, written by the server that owns it. */
interface ServerFile {
  readonly url: string;
  readonly pid: number;
  readonly started: string;
}

const ADVICE =
  "start one with `yard start` (in a checkout: `npm start`), or say where it is with YARD_URL and YARD_TOKEN";

/**
 * Where the server is and what opens it: YARD_URL and YARD_TOKEN, and for what they leave open the data folder
 * (YARD_DATA, else the nearest `.yard` from here upwards). The folder's token goes to the folder's server only.
 */
export async function findServer({ env, cwd }: Pick<Io, "env" | "cwd">): Promise<ServerAddress> {
  const url = env["YARD_URL"] || undefined;
  const token = env["YARD_TOKEN"] || undefined;
  if (url !== undefined && token !== undefined) return { url, token };
  const folder = await findDataFolder(env["YARD_DATA"], cwd);
  const server = folder === undefined ? undefined : await readServerFile(folder);
  if (url === undefined && server === undefined)
    throw new AppError(
      "unavailable",
      (folder === undefined ? undefined : await stoppingServer(folder)) ??
        notFound(env["YARD_DATA"], folder),
    );
  const wanted = url ?? (server as ServerFile).url;
  const isOwn = folder !== undefined && server !== undefined && sameOrigin(wanted, server.url);
  const found = token ?? (isOwn ? await readToken(folder) : undefined);
  return found === undefined ? { url: wanted } : { url: wanted, token: found };
}

/** The environment for a program of ours that looks at the installation that `yard` means. */
export async function serverEnvironment({ env, cwd }: Pick<Io, "env" | "cwd">): Promise<Io["env"]> {
  const folder = await findDataFolder(env["YARD_DATA"], cwd);
  return folder === undefined ? env : { ...env, YARD_DATA: folder };
}

/** The folder that is named, else the nearest `.yard` from here upwards; undefined where there is none. */
export async function findDataFolder(
  given: string | undefined,
  cwd: string,
): Promise<string | undefined> {
  if (given) return resolve(cwd, given);
  let nearest: string | undefined;
  for (let at = resolve(cwd); ; at = dirname(at)) {
    const folder = join(at, ".yard");
    if ((await readText(join(folder, "server.json"))) !== undefined) return folder;
    if (nearest === undefined && (await readText(join(folder, "admin-token"))) !== undefined)
      nearest = folder;
    if (at === dirname(at)) return nearest;
  }
}

async function readServerFile(folder: string): Promise<ServerFile | undefined> {
  const path = join(folder, "server.json");
  const text = await readText(path);
  if (text === undefined) return undefined;
  const file = serverFileOf(text);
  if (file === undefined)
    throw new AppError(
      "unavailable",
      `${path} is not what a server writes; restart the server, or ${ADVICE}`,
    );
  // The folder may have come with somebody's archive or repository: no token of YARD_TOKEN goes elsewhere by it.
  if (!isOfThisMachine(new URL(file.url).hostname))
    throw new AppError(
      "unavailable",
      `${path} names ${file.url}, which is not on this machine, as its server always is; if you mean that one, say so with YARD_URL`,
    );
  return file;
}

function serverFileOf(text: string): ServerFile | undefined {
  try {
    const file = JSON.parse(text) as Partial<ServerFile>;
    return typeof file.url === "string" && URL.canParse(file.url)
      ? (file as ServerFile)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A server on all addresses may name them all. */
const LOCAL: ReadonlySet<string> = new Set(["localhost", "::1", "::", "0.0.0.0"]);

function isOfThisMachine(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  if (LOCAL.has(host) || /^127(\.\d{1,3}){3}$/.test(host)) return true;
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === host),
  );
}

async function readToken(folder: string): Promise<string | undefined> {
  return (await readText(join(folder, "admin-token")))?.trim() || undefined;
}

/** The file's text, undefined where there is none; a file that may not be read is told, as it is the reason of what follows. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = failureCode(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "EACCES") {
      throw new AppError(
        "forbidden",
        `${path} belongs to another user; set YARD_URL and YARD_TOKEN, or ask its owner`,
        { cause },
      );
    }
    throw cause;
  }
}

function sameOrigin(a: string, b: string): boolean {
  return URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin;
}

function notFound(given: string | undefined, folder: string | undefined): string {
  if (folder === undefined)
    return `No Yardmaster server here: no data folder .yard in this folder or above it; ${ADVICE}`;
  const which = given ? `${folder} (from YARD_DATA)` : folder;
  return `No Yardmaster server is running on ${which}; ${ADVICE}`;
}

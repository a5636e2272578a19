import { readFile } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { failureCode } from "@yardmaster/protocol";
import { PACKAGE_ROOT } from "../package-root.ts";

/** Where `npm run docs` puts the site. */
export const SITE_FOLDER = resolve(PACKAGE_ROOT, "../../docs/.site");

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
};

/** Each part of a path: nothing that leads out of the site, and nothing hidden. */
const PART = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

export interface SiteFile {
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** A file of the site, read as it is asked for: the docs are seldom read. Undefined where there is none. */
export async function readSiteFile(
  folder: string,
  parts: readonly string[],
): Promise<SiteFile | undefined> {
  const contentType = TYPES[extname(parts.at(-1) ?? "")];
  if (contentType === undefined || !parts.every((part) => PART.test(part))) return undefined;
  try {
    return { contentType, bytes: await readFile(join(folder, ...parts)) };
  } catch (error) {
    const code = failureCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw error;
  }
}

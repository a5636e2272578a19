import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { PACKAGE_ROOT } from "../package-root.ts";

/** Where the build of `packages/web` lies. */
const PAGE_FOLDER = resolve(PACKAGE_ROOT, "../web/dist");

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** A file of the page as it is sent; the build compressed it in advance. */
export interface PageFile {
  readonly contentType: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly br: Buffer | undefined;
  readonly gzip: Buffer | undefined;
}

export interface PageFiles {
  /** Undefined where the page was not built. */
  readonly index: PageFile | undefined;
  /** By name; each name has a hash of its content. */
  readonly assets: ReadonlyMap<string, PageFile>;
}

/** Reads the built page, well under a megabyte, into memory: no request reaches the file system. */
export function readPageFiles(folder: string = PAGE_FOLDER): PageFiles {
  const index = join(folder, "index.html");
  if (!existsSync(index)) return { index: undefined, assets: new Map() };
  const assets = join(folder, "assets");
  const names = existsSync(assets) ? readdirSync(assets) : [];
  const wanted = names.filter((name) => extname(name) in TYPES);
  return {
    index: readFile(index),
    assets: new Map(wanted.map((name) => [name, readFile(join(assets, name))])),
  };
}

function readFile(path: string): PageFile {
  const plain = readFileSync(path);
  return {
    contentType: TYPES[extname(path)] as string,
    etag: `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`,
    plain,
    br: readIfThere(`${path}.br`),
    gzip: readIfThere(`${path}.gz`),
  };
}

function readIfThere(path: string): Buffer | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}

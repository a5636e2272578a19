import { createHash } from "node:crypto";

/** One file of a pack without its content. `path` is from the pack's folder, with `/`. */
export interface PackFile {
  readonly path: string;
  readonly executable: boolean;
  readonly bytes: number;
  readonly sha256: string;
}

export interface PackContent {
  readonly digest: string;
  /** Sorted by path. */
  readonly files: readonly PackFile[];
  /** By the content's SHA-256. */
  readonly contents: ReadonlyMap<string, Buffer>;
}

export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

export function sortByPath<T extends { readonly path: string }>(files: readonly T[]): T[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** SHA-256 over the paths, modes and contents of the files, in the order of their paths. */
export function digestOf(files: readonly PackFile[]): string {
  const hash = createHash("sha256");
  for (const { path, executable, sha256: content } of sortByPath(files))
    hash.update(`${executable ? "x" : "-"} ${content} ${path}\0`);
  return hash.digest("hex");
}

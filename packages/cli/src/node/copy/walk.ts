import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import type { NodePlace } from "./place.ts";

export interface Walked {
  /** Files by their path below the folder, with `/` between names, in order. */
  readonly files: readonly string[];
  /** What is neither file nor folder: it is not copied. */
  readonly others: readonly string[];
}

/** Everything below a folder here. Links are not followed: they may lead out of it, or round in it. */
export async function walkLocal(folder: string): Promise<Walked> {
  const files: string[] = [];
  const others: string[] = [];
  async function walk(relative: string): Promise<void> {
    const entries = await readdir(join(folder, relative), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) await walk(path);
      else (entry.isFile() ? files : others).push(path);
    }
  }
  await walk("");
  return { files, others };
}

/** The files at a node, which has no call that lists them: `find` does. @throws AppError that says why there is no list */
export async function walkNode(
  client: Client,
  { node, path }: NodePlace,
  signal: AbortSignal,
): Promise<Walked> {
  const base = `${path.replace(/\/+$/, "")}/`;
  const call = { argv: ["find", base, "-type", "f", "-print0"], timeout: "5m" };
  const result = await client.nodes.exec(node, call, { signal });
  if (result.status !== "ok" || result.stdout_truncated) {
    const why = result.error?.message ?? (result.stderr.trim() || "there are too many files");
    throw new AppError("io_error", `${node}:${path} cannot be listed with find: ${why}`);
  }
  const paths = result.stdout.split("\0").filter((found) => found !== "");
  return { files: paths.map((found) => relativeTo(base, found)).sort(), others: [] };
}

/** A node that lies must not lead a copy out of its target. @throws AppError */
function relativeTo(base: string, path: string): string {
  const names = path.startsWith(base) ? path.slice(base.length).split("/") : [".."];
  const isBelow = names.every((name) => name !== "" && name !== "." && name !== "..");
  const isForeign = process.platform === "win32" && /[\\:]/.test(names.join(""));
  if (isBelow && !isForeign) return names.join("/");
  throw new AppError("io_error", `The node named a file that is not below ${base}: ${path}`);
}

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ExecResult } from "@yardmaster/protocol";
import { AppError } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import { type NodePlace, placeText } from "./place.ts";

export interface Walked {
  /** Files by their path below the folder, with `/` between names, in order. */
  readonly files: readonly string[];
  /** What is not copied. */
  readonly left: readonly { readonly path: string; readonly why: string }[];
}

/** Everything below a folder here. Links are not followed: they may lead out of it, or round in it. */
export async function walkLocal(folder: string): Promise<Walked> {
  const files: string[] = [];
  const others: string[] = [];
  async function walk(relative: string): Promise<void> {
    const entries = await readdir(join(folder, relative), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory() && isText(path)) await walk(path);
      else (entry.isDirectory() || entry.isFile() ? files : others).push(path);
    }
  }
  await walk("");
  return walked(files, others);
}

/** The same at a node, which has no call that lists: `find` does. @throws AppError that says why there is no list */
export async function walkNode(
  client: Client,
  place: NodePlace,
  signal: AbortSignal,
): Promise<Walked> {
  const files = await found(client, place, { test: ["-type", "f"], signal });
  const others = await found(client, place, {
    test: ["!", "-type", "f", "!", "-type", "d"],
    signal,
  });
  return walked(files.sort(), others.sort());
}

/** Bytes that are no text have become another name, which is in no folder. */
function isText(path: string): boolean {
  return !path.includes("\u{fffd}");
}

function walked(files: readonly string[], others: readonly string[]): Walked {
  return {
    files: files.filter(isText),
    left: [
      ...others.map((path) => ({ path, why: "is no file" })),
      ...files
        .filter((path) => !isText(path))
        .map((path) => ({ path, why: "has a name that is no UTF-8" })),
    ],
  };
}

interface Finding {
  readonly test: readonly string[];
  readonly signal: AbortSignal;
}

async function found(
  client: Client,
  place: NodePlace,
  { test, signal }: Finding,
): Promise<string[]> {
  const base = `${place.path.replace(/\/+$/, "")}/`;
  // Its messages are read, so they are asked for in one language.
  const call = { argv: ["find", base, ...test, "-print0"], env: { LC_ALL: "C" }, timeout: "5m" };
  const result = await client.nodes.exec(place.node, call, { signal });
  if (result.status !== "ok" || result.stdout_truncated) throw notListed(place, result);
  const paths = result.stdout.split("\0").filter((path) => path !== "");
  return paths.map((path) => relativeTo(base, path));
}

function notListed(place: NodePlace, { error, stdout, stderr }: ExecResult): AppError {
  const text = placeText(place);
  if (stdout === "" && /: No such file or directory\s*$/.test(stderr))
    return new AppError("not_found", `There is no folder ${text}`);
  if (stdout === "" && /: Not a directory\s*$/.test(stderr))
    return new AppError("invalid_request", `${text} is no folder; copy it without -r`);
  const why = error?.message ?? (stderr.trim() || "there are too many files");
  return new AppError("io_error", `${text} cannot be listed with find: ${why}`);
}

/** A node that lies must not lead a copy out of its target. @throws AppError */
function relativeTo(base: string, path: string): string {
  const names = path.startsWith(base) ? path.slice(base.length).split("/") : [".."];
  const isBelow = names.every((name) => name !== "" && name !== "." && name !== "..");
  const isForeign = process.platform === "win32" && /[\\:]/.test(names.join(""));
  if (isBelow && !isForeign) return names.join("/");
  throw new AppError("io_error", `The node named a file that is not below ${base}: ${path}`);
}

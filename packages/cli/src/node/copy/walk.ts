import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ExecResult } from "@yardmaster/protocol";
import { AppError } from "@yardmaster/protocol/core";
import type { Client } from "@yardmaster/sdk";
import { type NodePlace, placeText } from "./place.ts";

export interface Folder {
  /** Below the folder that is copied, with `/` between names; "" for that one. */
  readonly path: string;
  /** 0755 as 0o755. */
  readonly mode: number;
}

export interface Walked {
  /** That folder and all below it, each after the one that it is in. */
  readonly folders: readonly Folder[];
  /** Files by their path below the folder, with `/` between names, in order. */
  readonly files: readonly string[];
  /** What is not copied. */
  readonly left: readonly { readonly path: string; readonly why: string }[];
}

/** Everything below a folder here. Links are not followed: they may lead out of it, or round in it. */
export async function walkLocal(folder: string): Promise<Walked> {
  const folders: Folder[] = [];
  const files: string[] = [];
  const others: string[] = [];
  async function walk(relative: string): Promise<void> {
    const { mode } = await stat(join(folder, relative));
    folders.push({ path: relative, mode: mode & 0o777 });
    const entries = await readdir(join(folder, relative), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory() && isText(path)) await walk(path);
      else (entry.isDirectory() || entry.isFile() ? files : others).push(path);
    }
  }
  await walk("");
  return walked(folders, files, others);
}

/** The same at a node, which has no call that lists: `find` does. @throws AppError that says why there is no list */
export async function walkNode(
  client: Client,
  place: NodePlace,
  signal: AbortSignal,
): Promise<Walked> {
  const list = async (...tests: string[]): Promise<string[]> =>
    (await found(client, place, { tests: [...tests, "-print0"], signal })).map(relative);
  const relative = (path: string): string => relativeTo(baseOf(place), path);
  const told = await found(client, place, { tests: FOLDERS, signal });
  const folders = told.map((line) => {
    const { mode, path } = folderOf(line);
    return { path: path === baseOf(place) ? "" : relative(path), mode };
  });
  const files = await list("-type", "f");
  const others = await list("!", "-type", "f", "!", "-type", "d");
  return walked(folders.sort(byPath), files.sort(), others.sort());
}

/** `find` alone says no mode that all kinds of it would say. */
const FOLDERS = [
  ...["-type", "d", "-exec", "sh", "-c"],
  `for folder; do told=$(ls -ld "$folder") && printf '%s %s\\0' "\${told%% *}" "$folder"; done`,
  ...["sh", "{}", "+"],
];

/** Of `drwxr-x--- /srv/app`, as `ls` says it. */
function folderOf(line: string): Folder {
  const [, marks = "", path = ""] = /^d([-rwxsStT]{9})\S* (.*)$/s.exec(line) ?? [];
  const bits = [...marks].map((mark) => (/[-ST]/.test(mark) ? "0" : "1")).join("");
  return { path, mode: Number.parseInt(bits || "0", 2) };
}

function byPath(a: Folder, b: Folder): number {
  return a.path < b.path ? -1 : 1;
}

/** Bytes that are no text have become another name, which is in no folder. */
function isText(path: string): boolean {
  return !path.includes("\u{fffd}");
}

function walked(
  folders: readonly Folder[],
  files: readonly string[],
  others: readonly string[],
): Walked {
  return {
    folders: folders.filter(({ path }) => isText(path)),
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
  readonly tests: readonly string[];
  readonly signal: AbortSignal;
}

/** What `find` writes of a folder, each ended by NUL. */
async function found(
  client: Client,
  place: NodePlace,
  { tests, signal }: Finding,
): Promise<string[]> {
  // Its messages are read, so they are asked for in one language.
  const argv = ["find", baseOf(place), ...tests];
  const call = { argv, env: { LC_ALL: "C" }, timeout: "5m" };
  const result = await client.nodes.exec(place.node, call, { signal });
  if (result.status !== "ok" || result.stdout_truncated) throw notListed(place, result);
  return result.stdout.split("\0").filter((line) => line !== "");
}

/** With a slash at its end, so that a link to a folder is looked into. */
function baseOf({ path }: NodePlace): string {
  return `${path.replace(/\/+$/, "")}/`;
}

function notListed(place: NodePlace, { error, stdout, stderr }: ExecResult): AppError {
  const text = placeText(place);
  if (stdout === "" && /: No such file or directory\s*$/.test(stderr))
    return new AppError("not_found", `There is no folder ${text}`);
  if (stdout === "" && /: Not a directory\s*$/.test(stderr))
    return new AppError("invalid_request", `${text} is no folder; copy it without -r`);
  if (error?.code === "exec_failed" && error.message.includes('"find"')) {
    const wayOut = `Install it there, or copy an archive: yard node exec ${place.node} -- tar -cC ${place.path} . > folder.tar`;
    return new AppError(
      "unsupported",
      `The node ${place.node} has no find, with which -r lists folders. ${wayOut}`,
    );
  }
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

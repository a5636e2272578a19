import { basename, isAbsolute, join, posix, win32 } from "node:path";
import { AppError } from "@yardmaster/protocol/core";

/** One side of a copy. */
export type Place = LocalPlace | NodePlace;

export interface LocalPlace {
  readonly node: null;
  readonly path: string;
}

export interface NodePlace {
  readonly node: string;
  /** Absolute, as the node writes it. */
  readonly path: string;
}

const DRIVE = /^[A-Za-z]:[\\/]/;

/** `NAME:/path` is on a node, everything else here. @throws AppError invalid_request */
export function readPlace(text: string, platform: NodeJS.Platform = process.platform): Place {
  if (text === "-")
    throw new AppError(
      "invalid_request",
      "- is no place: to print a file, yard node exec NODE -- cat PATH; one of that name is ./-",
    );
  const at = text.indexOf(":");
  const isLocal = at < 1 || /[\\/]/.test(text.slice(0, at)) || text.startsWith(".");
  if (isLocal || (platform === "win32" && DRIVE.test(text))) return { node: null, path: text };
  const [node, path] = atNode(text, at);
  if (path.startsWith("/") || DRIVE.test(path)) return { node, path };
  throw new AppError(
    "invalid_request",
    `${text}: a path on a node is absolute, as in ${node}:/srv/app; a file here with a colon is ./${text}`,
  );
}

/**
 * A name may hold colons, and never a slash: it ends with the last colon before the first slash. Where that would be
 * the one of a drive (`lab:C:/x`), a drive it is.
 */
function atNode(text: string, firstColon: number): [node: string, path: string] {
  const [, name, path] = /^([^\\/]+?):((?:[A-Za-z]:)?[\\/].*)$/s.exec(text) ?? [];
  if (name !== undefined && path !== undefined) return [name, path];
  return [text.slice(0, firstColon), text.slice(firstColon + 1)];
}

export function placeText({ node, path }: Place): string {
  return node === null ? path : `${node}:${path}`;
}

/** The last name of a path. */
export function nameOf({ node, path }: Place): string {
  if (node === null) return basename(path);
  return DRIVE.test(path) ? win32.basename(path) : posix.basename(path);
}

/** A place below another; `relative` has `/` between its names, and is empty for the place itself. */
export function below(place: Place, relative: string): Place {
  if (relative === "") return place;
  if (place.node === null) return { node: null, path: join(place.path, relative) };
  const base = place.path.replace(/[\\/]+$/, "");
  const separator = DRIVE.test(place.path) ? "\\" : "/";
  return { node: place.node, path: [base, ...relative.split("/")].join(separator) };
}

/** Names a folder whatever is there: its end says so. */
export function isFolderText({ path }: Place): boolean {
  return /[\\/]$/.test(path) || path === "." || path.endsWith("/.") || path.endsWith("..");
}

/** From where `yard` was started. */
export function fromHere(place: Place, cwd: string): Place {
  if (place.node !== null || isAbsolute(place.path)) return place;
  const end = isFolderText(place) && !place.path.endsWith("/") ? "/" : "";
  return { node: null, path: join(cwd, place.path) + end };
}

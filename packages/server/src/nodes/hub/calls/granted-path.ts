import { AppError } from "@yardmaster/protocol";
import type { NodeProfile } from "../../registry/registry.types.ts";

/**
 * Holds a path to the folders that were granted, before anything is sent. By its text alone: links are the node's to
 * resolve, as its owner's own list is, so what could lead out by its text is refused.
 * @throws AppError `not_granted`
 */
export function permitPath({ name, grants: { paths } }: NodeProfile, path: string): void {
  if (paths === null) return;
  const folder = segmentsOf(path);
  if (folder.includes(".."))
    throw refused(name, `its files only by paths without "..", not ${path}`);
  if (paths.some((granted) => isBelow(folder, segmentsOf(granted)))) return;
  const where = paths.length === 0 ? "no files at all" : `files in ${paths.join(", ")} alone`;
  throw refused(name, `${where}, not ${path}`);
}

function refused(node: string, what: string): AppError {
  const detail = `Node ${node} is granted ${what}. To change that: yard node grant ${node} --path FOLDER`;
  return new AppError("not_granted", detail);
}

/** A backslash parts them too, as it does on Windows; elsewhere that only refuses more. */
function segmentsOf(path: string): string[] {
  return path.split(/[\\/]/).filter((segment) => segment !== "" && segment !== ".");
}

function isBelow(path: readonly string[], root: readonly string[]): boolean {
  return root.every((segment, at) => segment === path[at]);
}

import { codeOf, type Refusal } from "../refusal.ts";

/** A file call that was refused, thrown within this folder; the frames' handlers turn it into an answer. */
export class FileRefusal extends Error {
  readonly refusal: Refusal;

  constructor(reason: Refusal["reason"], detail: string) {
    super(detail);
    this.name = "FileRefusal";
    this.refusal = { reason, detail };
  }
}

const MEANING: Readonly<Record<string, string>> = {
  EACCES: "the node may not",
  EPERM: "the node may not",
  ENOTDIR: "a part of the path is no folder",
  ELOOP: "it is a link that was put there meanwhile",
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  EROFS: "the file system is read-only",
  ENAMETOOLONG: "the name is too long",
  ENXIO: "it is no regular file",
};

/** Whatever went wrong with a path, as a refusal. */
export function refusalOf(error: unknown, path: string): Refusal {
  if (error instanceof FileRefusal) return error.refusal;
  const code = codeOf(error);
  if (code === "ENOENT") return { reason: "file_not_found", detail: `${path} is not there` };
  if (code === "EEXIST") return { reason: "file_exists", detail: `${path} already exists` };
  if (code === "EISDIR") return { reason: "is_folder", detail: `${path} is a folder` };
  return { reason: "io_error", detail: `${path}: ${meaningOf(error)}` };
}

/** In words where there are some, with the system's code. */
export function meaningOf(error: unknown): string {
  const code = codeOf(error);
  const meaning = MEANING[code];
  return meaning === undefined ? code : `${meaning} (${code})`;
}

/** What has gathered stays where the disk takes no more of it: who is refused is told, for it fills the disk. */
export function withPart(error: unknown, path: string, part: string): unknown {
  if (codeOf(error) !== "ENOSPC" && codeOf(error) !== "EDQUOT") return error;
  const what = `${path}: ${meaningOf(error)}`;
  return new FileRefusal(
    "io_error",
    `${what}. What has arrived stays in ${part}: make room and copy again, which goes on there, or remove it`,
  );
}

export function notAllowed(path: string): FileRefusal {
  const detail = `${path} is outside the paths that the node's owner allows`;
  return new FileRefusal("path_not_allowed", detail);
}

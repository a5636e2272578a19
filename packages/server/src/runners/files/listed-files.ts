import {
  isPattern,
  pathFlaw,
  pathTest,
  STEP_FILE_LIMITS,
  type WorkError,
} from "@yardmaster/protocol";
import { describeBytes } from "../limits.ts";

/** A file that may be handed back, before anything of it is read. */
export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Why what an attempt left behind cannot be handed back: it is too much (`limit_exceeded`), or something is missing
 * that was named (`invalid_output`). Each file stands under one of the globs; other ones nobody has asked for.
 */
export function listedFlaw(
  globs: readonly string[],
  files: readonly ListedFile[],
): WorkError | undefined {
  const wanted = globs.map((glob) => pathTest(glob));
  const stray = files.find(({ path }) => !wanted.some((isWanted) => isWanted(path)));
  if (stray !== undefined)
    return invalid(`${stray.path} is none of the files that it is to hand back`);
  return missing(globs, files) ?? tooMuch(files);
}

function missing(globs: readonly string[], files: readonly ListedFile[]): WorkError | undefined {
  const there = new Set(files.map(({ path }) => path));
  const absent = globs.filter((glob) => !isPattern(glob) && !there.has(glob));
  if (absent.length === 0) return undefined;
  const what = absent.length === 1 ? "it is not there" : "they are not there";
  return invalid(
    `It was to hand back ${absent.join(", ")}, and ${what}, or no regular file. Write into the work folder (YARD_WORK), or give a pattern for what may be missing`,
  );
}

function tooMuch(files: readonly ListedFile[]): WorkError | undefined {
  const { files: most, fileBytes, attemptBytes } = STEP_FILE_LIMITS;
  if (files.length > most)
    return exceeded(`It hands back ${files.length} files; at most ${most} are allowed`, {
      files: files.length,
      limit: most,
    });
  let total = 0;
  for (const { path, bytes } of files) {
    const flaw = pathFlaw(path);
    if (flaw !== undefined)
      return exceeded(`${JSON.stringify(path)} cannot be handed back: ${flaw}`, { path });
    if (bytes > fileBytes)
      return exceeded(
        `${path} has ${describeBytes(bytes)}; a file may have ${describeBytes(fileBytes)}`,
        { path, bytes, limit_bytes: fileBytes },
      );
    total += bytes;
    if (total > attemptBytes)
      return exceeded(
        `with ${path} the files have ${describeBytes(total)}; an attempt hands back at most ${describeBytes(attemptBytes)}`,
        { path, bytes: total, limit_bytes: attemptBytes },
      );
  }
  return undefined;
}

function exceeded(what: string, details: NonNullable<WorkError["details"]>): WorkError {
  return { code: "limit_exceeded", message: `${what}.`, details };
}

function invalid(what: string): WorkError {
  return { code: "invalid_output", message: `${what}.` };
}

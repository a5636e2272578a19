import { closeSync, openSync, readSync } from "node:fs";

/** The system says of a script whose interpreter is missing the same as of a program that is not there. */
export function whyMissing(file: string): string {
  const interpreter = interpreterOf(file);
  if (interpreter === undefined) return "there is no such file.";
  return interpreter.endsWith("\r")
    ? "its first line (#!) ends as on Windows (CRLF), so that its interpreter is not found. Save it with LF."
    : `its first line (#!) names ${interpreter}, which the worker does not have. Install that there, or correct the line.`;
}

const FIRST_LINE_BYTES = 256;

function interpreterOf(file: string): string | undefined {
  try {
    const opened = openSync(file, "r");
    try {
      const start = Buffer.alloc(FIRST_LINE_BYTES);
      const text = start.toString("utf8", 0, readSync(opened, start));
      return /^#! *([^ \n]+)/.exec(text)?.[1];
    } finally {
      closeSync(opened);
    }
  } catch {
    return undefined;
  }
}

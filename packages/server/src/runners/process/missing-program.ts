import { endsInCarriageReturn, firstLineOf } from "./first-line.ts";

/** The system says of a script whose interpreter is missing the same as of a program that is not there. */
export function whyMissing(file: string): string {
  const line = firstLineOf(file);
  if (line === undefined) return "there is no such file.";
  return endsInCarriageReturn(line)
    ? "its first line (#!) ends as on Windows (CRLF), so that its interpreter is not found. Save it with LF."
    : `its first line (#!) names ${line.interpreter}, which the worker does not have. Install that there, or correct the line.`;
}

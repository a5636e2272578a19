import { closeSync, openSync, readSync } from "node:fs";

const FIRST_LINE_BYTES = 256;

export interface FirstLine {
  readonly interpreter: string;
  /** What else stands on the line, `""` where nothing does. The system hands it over as one argument. */
  readonly argument: string;
}

/** What the first line (`#!`) of a script says runs it; undefined where there is none, or no such file. */
export function firstLineOf(file: string): FirstLine | undefined {
  try {
    const opened = openSync(file, "r");
    try {
      const start = Buffer.alloc(FIRST_LINE_BYTES);
      const text = start.toString("utf8", 0, readSync(opened, start));
      const [, interpreter, argument = ""] = /^#![ \t]*([^ \t\n]+)[ \t]*([^\n]*)/.exec(text) ?? [];
      return interpreter === undefined ? undefined : { interpreter, argument };
    } finally {
      closeSync(opened);
    }
  } catch {
    return undefined;
  }
}

/** Written on Windows (CRLF): the interpreter's name, or its argument, has a carriage return for its last letter. */
export function endsInCarriageReturn({ interpreter, argument }: FirstLine): boolean {
  return (argument === "" ? interpreter : argument).endsWith("\r");
}

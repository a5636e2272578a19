import { stripVTControlCharacters } from "node:util";

/** As much of stderr is kept for the error of a process that failed. */
export const STDERR_TAIL_BYTES = 2048;

/**
 * What a tail of stderr says last: without its colours, which no reader of an error shows. A tail that was cut begins
 * inside a line, or inside a character: that line is left out where others follow.
 */
export function lastLines(tail: string): string {
  const text = stripVTControlCharacters(tail).trimEnd();
  const firstBreak = text.indexOf("\n");
  const wasCut = Buffer.byteLength(tail) >= STDERR_TAIL_BYTES;
  const whole = wasCut && firstBreak >= 0 ? text.slice(firstBreak + 1) : text.trimStart();
  return withoutFrames(whole) || whole;
}

/** The frames of a stack hide what was said, and the log has them: those of JavaScript and Java, and Python's with their source. */
function withoutFrames(text: string): string {
  const told: string[] = [];
  // A tail that was cut may begin within a frame of Python.
  let isFrame = PYTHON_FRAME.test(text);
  for (const line of text.split("\n")) {
    const isPython = PYTHON_FRAME.test(line);
    isFrame = isPython || (isFrame && /^ {3}/.test(line));
    if (!isFrame && !STACK_LINE.test(line)) told.push(line);
  }
  return told.join("\n").trimEnd();
}

/** The place of a SyntaxError has no function: it stays, and so does the source below it. */
const PYTHON_FRAME = /^ {2}File ".*", line \d+, in /m;
const STACK_LINE =
  /^\s+at \S|^Traceback \(most recent call last\):$|^ {2}\[Previous line repeated \d+ more times?\]$/;

/*
 * What a base client sends is what its shell printed, framing and all. Its shell is an interactive bash over
 * pipes, which echoes every line that it reads to stderr. These functions give what the command itself wrote; where
 * they do not find what they look for, they give what came.
 */

const END_MARKER = /__HERMES_END_\d{1,20}__\n$/;
/** The longest end marker. */
const MARKER_BYTES = 40;

/** Where stdout ends: before the marker of an output without a final newline. */
export function stdoutEnd(bytes: Buffer): number {
  const tail = bytes.subarray(Math.max(0, bytes.length - MARKER_BYTES)).toString("latin1");
  const match = END_MARKER.exec(tail);
  return match === null ? bytes.length : bytes.length - match[0].length;
}

const RELOCATED = "[hermes-node: cwd was outside allowed_paths";
const TRUNCATED = "[hermes-node: output truncated";

/** The client ran the command in another directory than it was given. */
export function isRelocated(stderr: string): boolean {
  return stderr.startsWith(RELOCATED) || stderr.includes(`\n${RELOCATED}`);
}

export function isMarkedTruncated(text: string): boolean {
  return text.slice(-200).includes(TRUNCATED);
}

/** The lines with which the shell is told to go on are echoed after what the command wrote. */
const TRAILER =
  /__hermes_ec=\$\?\n[^\n]*__HERMES_STDBUF_(\d{1,20})__[^\n]*\n[^\n]*__HERMES_STDBUF_\1__/g;
/** Lines that the client itself puts before the command, to change the directory. */
const CD_LINES = 2;

/** What the command wrote to stderr, out of the echo around it. `command` as it was sent. */
export function cleanStderr(stderr: string, command: string): string {
  const start = endOfEcho(stderr, command);
  if (start === undefined) return stderr;
  const rest = stderr.slice(start.at);
  const trailer = [...rest.matchAll(TRAILER)].at(-1);
  if (trailer === undefined) return stderr;
  const text = rest.slice(0, trailer.index);
  return text.endsWith(start.prompt) ? text.slice(0, text.length - start.prompt.length) : text;
}

/** Where the echoed `eval '…'` ends: it spans the lines of the command, and up to two more. */
function endOfEcho(
  stderr: string,
  command: string,
): { readonly at: number; readonly prompt: string } | undefined {
  const opening = /^(.{0,64}?)eval '/m.exec(stderr);
  if (opening === null) return undefined;
  const lastLine = `${escaped(command).split("\n").at(-1)}'\n`;
  let lineEnd = opening.index - 1;
  const breaks = command.split("\n").length - 1;
  for (let line = 0; line <= breaks + CD_LINES; line++) {
    const lineStart = lineEnd + 1;
    lineEnd = stderr.indexOf("\n", lineStart);
    if (lineEnd === -1) return undefined;
    if (line < breaks) continue;
    if (stderr.slice(lineStart, lineEnd + 1).endsWith(lastLine))
      return { at: lineEnd + 1, prompt: opening[1] ?? "" };
  }
  return undefined;
}

/** As it stands between single quotes. */
function escaped(command: string): string {
  return command.replaceAll("'", "'\\''");
}

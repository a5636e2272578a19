import { stripVTControlCharacters } from "node:util";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this file is about
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this file is about
const SGR_OR_CONTROL = /(\u001b\[[\d;]*m)|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** One line of text from anywhere, safe to show: strangers' titles must not move the cursor or rename the window. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/\s+/g, " ").replace(CONTROL, "");
}

/** The same without touching its spaces, for text whose layout is its own. */
export function withoutControl(text: string): string {
  return text.replace(CONTROL, "");
}

/** A line that is about to be shown on a terminal: nothing but our colours controls it, whatever a server has answered. */
export function showable(line: string): string {
  return line.replace(SGR_OR_CONTROL, (_, colour: string | undefined) => colour ?? "");
}

/** JSON leaves some characters as they are that control a terminal; escaped they are the same to whoever reads it. */
export function escapedJson(value: unknown): string {
  return String(JSON.stringify(value)).replace(
    CONTROL,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Output of a program for a terminal: its colours stay, all other control goes. */
export function printableOutput(text: string): string {
  return showable(text.replace(/\r\n?/g, "\n"));
}

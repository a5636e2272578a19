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

/** Output of a program for a terminal: its colours stay, all other control goes. */
export function printableOutput(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(SGR_OR_CONTROL, (_, colour: string | undefined) => colour ?? "");
}

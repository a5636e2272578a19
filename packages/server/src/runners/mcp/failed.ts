import type { WorkError } from "@yardmaster/protocol";

/** What went wrong with a call, other than that the tool itself has failed. */
export type Trouble =
  /** It ended, or closed its connection, before it answered. */
  | "ended"
  /** What it says is not of the protocol, or not of a version that is spoken here. */
  | "protocol"
  /** It answered with an error. */
  | "refused"
  /** Nothing but another action changes these two: the retry rules of the kernel know them. */
  | "unknown_tool"
  | "invalid_arguments"
  /** The tool wants to ask its user something, and there is none. */
  | "input_required";

/** With a capital letter: what begins with the server. */
export function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Of what a server says, an error bears as much. */
const MOST_CHARS = 2_000;

/** What a server says, as an error bears it: cleaned before it is cut, since half of a secret is known by nobody. */
export function shown(text: string, clean: (text: string) => string, most = MOST_CHARS): string {
  const said = clean(text).trim();
  return (said.length > most ? `${said.slice(0, most)} …` : said).toWellFormed();
}

export function trouble(
  error: Trouble,
  message: string,
  details: NonNullable<WorkError["details"]> = {},
): WorkError {
  return { code: "mcp_failed", message: sentence(message), details: { error, ...details } };
}

import type { Config } from "./config.ts";

/** Why a command is refused, or undefined where it may run. */
export type RefusalOf = (command: string) => string | undefined;

/**
 * The owner's say over commands. A pattern is matched against the whole text, `*` stands for anything. It keeps an
 * honest server from slips: a shell can write the same command in many ways, so it confines nobody. `allow: {exec:
 * false}` does.
 */
export function createCommandPolicy(commands: Config["commands"]): RefusalOf {
  return (command) => {
    const text = command.trim();
    const by = commands.refuse.find((pattern) => matches(pattern, text));
    if (by !== undefined) return `the node's owner refuses commands like "${by}"`;
    if (commands.default === "allow") return undefined;
    if (commands.allow.some((pattern) => matches(pattern, text))) return undefined;
    return "the node's owner allows only the commands that the node's configuration lists";
  };
}

/** In one pass over the text, whatever it holds: a hostile command must not make the match take long. */
function matches(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - at >= last.length && text.endsWith(last);
}

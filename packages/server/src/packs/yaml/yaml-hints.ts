import type { YAMLError } from "yaml";

const QUOTE = "put the value in quotes";
const MAX_TYPE_CHARS = 60;
const LEVEL = "bring the line to the indentation of its neighbours";

/** How to write what the parser stumbled over; undefined where only its message helps. */
export function yamlHint({ code, pos, message }: YAMLError, text: string): string | undefined {
  const closing = /end with a (.)$/.exec(message)?.[1];
  switch (code) {
    case "UNEXPECTED_TOKEN":
      return valueInBrackets(text, pos[0]) ?? QUOTE;
    case "BLOCK_AS_IMPLICIT_KEY":
      return message.includes("block sequence") ? LEVEL : QUOTE;
    case "BAD_SCALAR_START":
    case "BAD_DIRECTIVE":
      return QUOTE;
    case "MISSING_CHAR":
      if (closing !== undefined) return `close it with ${closing}`;
      if (message.startsWith("Missing closing")) return "close the quotes";
      if (message.startsWith("Sequence item without")) return LEVEL;
      if (message.startsWith("Implicit map keys")) return 'a key needs ":" and a value';
      return valueInBrackets(text, pos[0]) ?? QUOTE;
    case "NON_STRING_KEY":
      return templateOfOthers(text, pos[0]);
    case "TAB_AS_INDENT":
      return "indent with spaces";
    case "BAD_INDENT":
      return closing === undefined ? `${LEVEL}, or quote the value` : `close it with ${closing}`;
    default:
      return undefined;
  }
}

/** `{{ x }}` without quotes is to YAML a map whose key is a map. */
function templateOfOthers(text: string, at: number): string | undefined {
  const isTemplate = text[at] === "{" && (text[at - 1] === "{" || text[at + 1] === "{");
  return isTemplate ? "an expression is written ${{ … }}" : undefined;
}

/** A list's type or an expression, where the brackets around it make its own brackets YAML's. */
function valueInBrackets(text: string, at: number): string | undefined {
  const item = /[\w.-]+$/.exec(text.slice(Math.max(0, at - MAX_TYPE_CHARS), at))?.[0];
  const list = /^\[\]!?/.exec(text.slice(at, at + 3))?.[0];
  if (item !== undefined && list !== undefined)
    return `inside { } and [ ] a type of lists needs quotes: "${item}${list}"`;
  if (text.slice(at - 1, at + 2) === "${{")
    return 'inside { } and [ ] an expression needs quotes: "${{ … }}"';
  return undefined;
}

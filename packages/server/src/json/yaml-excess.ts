import { Lexer } from "yaml";

/**
 * How many tokens one YAML text may hold. What reading it costs depends on that, not on its bytes: 2 to 5 µs for each,
 * most where it is no YAML. A line `key: value` has six to eight.
 */
const MAX_TOKENS = 50_000;
/** A shorter text cannot hold too much: a token has a character at least, or stands before one that has. */
const SHORT_CHARS = MAX_TOKENS / 2;

/**
 * Why a YAML text is not to be parsed, found without parsing it. The parser makes an error of each bad escape, so an
 * escape counts as a token.
 */
export function yamlExcess(text: string): string | undefined {
  if (text.length <= SHORT_CHARS) return undefined;
  let tokens = 0;
  let chars = 0;
  for (const token of new Lexer().lex(text)) {
    tokens += 1 + escapesIn(token);
    chars += token.length;
    if (tokens > MAX_TOKENS) return tooMany(Math.min(chars, text.length), text);
  }
  return undefined;
}

function escapesIn(token: string): number {
  if (!token.startsWith('"')) return 0;
  let escapes = 0;
  for (let i = token.indexOf("\\"); i >= 0; i = token.indexOf("\\", i + 2)) escapes++;
  return escapes;
}

function tooMany(at: number, text: string): string {
  const place = `its first ${grouped(at)} of ${grouped(text.length)} characters`;
  return `it has more than ${grouped(MAX_TOKENS)} tokens of YAML, of which a line \`key: value\` has about seven: so many are in ${place}`;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** The tokens of JMESPath (jmespath.org/specification.html, Grammar). */
import { numberFlaw } from "@yardmaster/protocol";

export type TokenKind =
  | "identifier"
  | "quoted"
  | "literal"
  | "number"
  | "end"
  | "."
  | "*"
  | "[]"
  | "[?"
  | "["
  | "]"
  | "{"
  | "}"
  | "("
  | ")"
  | ","
  | ":"
  | "|"
  | "||"
  | "&"
  | "&&"
  | "!"
  | "@"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">=";

export interface Token {
  readonly kind: TokenKind;
  /** The name of an identifier, the value of a literal or number. */
  readonly value: unknown;
  readonly text: string;
  readonly at: number;
}

export class QuerySyntaxError extends Error {}

export function refuse(message: string, at: number): never {
  throw new QuerySyntaxError(`${message} at character ${at + 1}`);
}

const SPACE = /[ \t\r\n]+/y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /-?[0-9]+/y;
const QUOTED = /"(?:[^"\\]|\\[\s\S])*"/y;
const RAW = /'(?:[^'\\]|\\[\s\S])*'/y;
const LITERAL = /`(?:[^`\\]|\\[\s\S])*`/y;
const SYMBOL = /\[\]|\[\?|\|\||&&|[!=<>]=|[.*[\]{}(),:|&!@<>]/y;

export function tokensOf(query: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < query.length; ) {
    const space = matchAt(SPACE, query, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const token = tokenAt(query, at);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: "end", value: undefined, text: "", at: query.length });
  return tokens;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function tokenAt(query: string, at: number): Token {
  const identifier = matchAt(IDENTIFIER, query, at);
  if (identifier !== undefined)
    return { kind: "identifier", value: identifier, text: identifier, at };
  const symbol = matchAt(SYMBOL, query, at);
  if (symbol !== undefined)
    return { kind: symbol as TokenKind, value: undefined, text: symbol, at };
  const number = matchAt(NUMBER, query, at);
  if (number !== undefined) return { kind: "number", value: Number(number), text: number, at };
  return delimited(query, at);
}

function delimited(query: string, at: number): Token {
  const quoted = matchAt(QUOTED, query, at);
  if (quoted !== undefined)
    return { kind: "quoted", value: jsonOf(quoted, quoted, at), text: quoted, at };
  const raw = matchAt(RAW, query, at);
  if (raw !== undefined)
    return { kind: "literal", value: raw.slice(1, -1).replaceAll("\\'", "'"), text: raw, at };
  const literal = matchAt(LITERAL, query, at);
  if (literal === undefined)
    return refuse(`${JSON.stringify(query.slice(at, at + 10))} has no meaning or no end`, at);
  const json = literal.slice(1, -1).replaceAll("\\`", "`");
  return { kind: "literal", value: jsonOf(json, literal, at), text: literal, at };
}

function jsonOf(json: string, text: string, at: number): unknown {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return refuse(`${text.slice(0, 40)} is not JSON; write '…' for a text`, at);
  }
  const flaw = numberFlaw(json, "exact");
  return flaw === undefined ? value : refuse(flaw.problem, at);
}

import { MAX_EXPRESSION_BYTES, MAX_NESTING } from "../limits.ts";
import { call } from "./functions.ts";
import {
  type Comparator,
  chain,
  comparison,
  current,
  either,
  field,
  filterProjection,
  flatten,
  item,
  literal,
  multiList,
  multiMap,
  not,
  projection,
  type Query,
  slice,
  valueProjection,
} from "./select.ts";
import { QuerySyntaxError, refuse, type Token, type TokenKind, tokensOf } from "./tokens.ts";

export type CompiledQuery =
  | { readonly ok: true; readonly query: Query }
  | { readonly ok: false; readonly message: string };

const MAX_CACHED = 200;
const cache = new Map<string, CompiledQuery>();

/** Parses and checks a query; what is wrong is said with its place. */
export function compileQuery(source: string): CompiledQuery {
  const cached = cache.get(source);
  if (cached !== undefined) return cached;
  const compiled = compile(source);
  if (cache.size >= MAX_CACHED) cache.clear();
  if (source.length <= MAX_EXPRESSION_BYTES) cache.set(source, compiled);
  return compiled;
}

function compile(source: string): CompiledQuery {
  if (source.length > MAX_EXPRESSION_BYTES)
    return { ok: false, message: `it is longer than ${MAX_EXPRESSION_BYTES} characters` };
  try {
    const parser: Parser = { tokens: tokensOf(source), at: 0, depth: 0 };
    const query = parse(parser, 0);
    if (peek(parser).kind !== "end") unexpected(parser);
    return { ok: true, query };
  } catch (error) {
    if (error instanceof QuerySyntaxError) return { ok: false, message: error.message };
    throw error;
  }
}

interface Parser {
  readonly tokens: readonly Token[];
  at: number;
  depth: number;
}

/** How strongly a token binds what stands before it. What binds less than a projection ends it. */
const POWER: { readonly [K in TokenKind]?: number } = {
  "|": 1,
  "||": 2,
  "&&": 3,
  "==": 5,
  "!=": 5,
  "<": 5,
  "<=": 5,
  ">": 5,
  ">=": 5,
  "[]": 9,
  "*": 20,
  "[?": 21,
  ".": 40,
  "!": 45,
  "{": 50,
  "[": 55,
  "(": 60,
};
const PROJECTION_ENDS = 10;
const STAR = 20;
const FILTER = 21;
const DOT = 40;
const NOT = 45;

function peek(parser: Parser, ahead = 0): Token {
  return parser.tokens[Math.min(parser.at + ahead, parser.tokens.length - 1)] as Token;
}

function next(parser: Parser): Token {
  const token = peek(parser);
  parser.at++;
  return token;
}

function take(parser: Parser, kind: TokenKind): boolean {
  if (peek(parser).kind !== kind) return false;
  parser.at++;
  return true;
}

function expect(parser: Parser, kind: TokenKind): Token {
  if (peek(parser).kind === kind) return next(parser);
  const { text, at } = peek(parser);
  return refuse(`${kind} is missing before ${text === "" ? "the end" : text}`, at);
}

function unexpected(parser: Parser): never {
  const { kind, text, at } = peek(parser);
  if (kind === "end") return refuse("the query ends too early", at);
  const hint = kind === "number" ? ` (a value is written \`${text}\`)` : "";
  return refuse(`${text} does not belong here${hint}`, at);
}

function power(parser: Parser): number {
  return POWER[peek(parser).kind] ?? 0;
}

function parse(parser: Parser, binding: number): Query {
  if (++parser.depth > MAX_NESTING)
    refuse(`it nests more than ${MAX_NESTING} deep`, peek(parser).at);
  let left = parseHead(parser);
  while (binding < power(parser)) left = parseTail(parser, left);
  parser.depth--;
  return left;
}

/** What can begin a query. */
function parseHead(parser: Parser): Query {
  const token = next(parser);
  switch (token.kind) {
    case "identifier":
      return peek(parser).kind === "(" ? parseCall(parser, token) : field(token.value as string);
    case "quoted":
      return peek(parser).kind === "(" ? unexpected(parser) : field(token.value as string);
    case "literal":
      return literal(token.value);
    case "@":
      return current;
    case "!":
      return not(parse(parser, NOT));
    case "*":
      return valueProjection(current, parseProjected(parser, STAR));
    case "[]":
      return projection(flatten(current), parseProjected(parser, POWER["[]"] ?? 0));
    case "[?":
      return parseFilter(parser, current);
    case "{":
      return parseMultiMap(parser);
    case "[":
      return parseBracket(parser, current) ?? parseMultiList(parser);
    case "(": {
      const inner = parse(parser, 0);
      expect(parser, ")");
      return inner;
    }
    default:
      parser.at--;
      return unexpected(parser);
  }
}

/** What can follow a query. */
function parseTail(parser: Parser, left: Query): Query {
  const { kind } = next(parser);
  switch (kind) {
    case ".":
      if (take(parser, "*")) return valueProjection(left, parseProjected(parser, STAR));
      return chain(left, parseDotted(parser, DOT));
    case "|":
      return chain(left, parse(parser, POWER["|"] ?? 0));
    case "||":
    case "&&":
      return either(left, parse(parser, POWER[kind] ?? 0), kind === "||");
    case "[]":
      return projection(flatten(left), parseProjected(parser, POWER["[]"] ?? 0));
    case "[?":
      return parseFilter(parser, left);
    case "[": {
      const tail = parseBracket(parser, left);
      if (tail !== undefined) return tail;
      return unexpected(parser);
    }
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return comparison(kind satisfies Comparator, left, parse(parser, POWER[kind] ?? 0));
    default:
      parser.at--;
      return unexpected(parser);
  }
}

/** What is done with each item of a projection: everything up to what binds less. */
function parseProjected(parser: Parser, binding: number): Query {
  if (power(parser) < PROJECTION_ENDS) return current;
  const { kind } = peek(parser);
  if (kind === "[" || kind === "[?") return parse(parser, binding);
  if (take(parser, ".")) return parseDotted(parser, binding);
  return unexpected(parser);
}

function parseDotted(parser: Parser, binding: number): Query {
  const { kind } = peek(parser);
  if (kind === "identifier" || kind === "quoted" || kind === "*") return parse(parser, binding);
  if (take(parser, "[")) return parseMultiList(parser);
  if (take(parser, "{")) return parseMultiMap(parser);
  return unexpected(parser);
}

function parseFilter(parser: Parser, left: Query): Query {
  const condition = parse(parser, 0);
  expect(parser, "]");
  const right = peek(parser).kind === "[]" ? current : parseProjected(parser, FILTER);
  return filterProjection(left, condition, right);
}

/** `[0]`, `[1:2]` and `[*]`, after their bracket; undefined where it is none of them. */
function parseBracket(parser: Parser, left: Query): Query | undefined {
  const { kind } = peek(parser);
  if (kind === "*" && peek(parser, 1).kind === "]") {
    parser.at += 2;
    return projection(left, parseProjected(parser, STAR));
  }
  if (kind !== "number" && kind !== ":") return undefined;
  const parts: (number | undefined)[] = [];
  let isSlice = false;
  for (let part = 0; ; part++) {
    parts[part] = peek(parser).kind === "number" ? (next(parser).value as number) : undefined;
    if (take(parser, "]")) break;
    if (part === 2) unexpected(parser);
    expect(parser, ":");
    isSlice = true;
  }
  if (!isSlice) return chain(left, item(parts[0] ?? 0));
  if (parts[2] === 0) refuse("a slice cannot go by steps of 0", peek(parser).at);
  return projection(chain(left, slice(parts)), parseProjected(parser, STAR));
}

function parseMultiList(parser: Parser): Query {
  const queries = [parse(parser, 0)];
  while (take(parser, ",")) queries.push(parse(parser, 0));
  expect(parser, "]");
  return multiList(queries);
}

function parseMultiMap(parser: Parser): Query {
  const entries: (readonly [string, Query])[] = [];
  do {
    const { kind } = peek(parser);
    if (kind !== "identifier" && kind !== "quoted") unexpected(parser);
    const key = next(parser).value as string;
    expect(parser, ":");
    entries.push([key, parse(parser, 0)]);
  } while (take(parser, ","));
  expect(parser, "}");
  return multiMap(entries);
}

function parseCall(parser: Parser, name: Token): Query {
  expect(parser, "(");
  const args: { query: Query; isReference: boolean }[] = [];
  if (!take(parser, ")")) {
    do {
      const isReference = take(parser, "&");
      args.push({ query: parse(parser, 0), isReference });
    } while (take(parser, ","));
    expect(parser, ")");
  }
  return call(name.text, args, name.at);
}

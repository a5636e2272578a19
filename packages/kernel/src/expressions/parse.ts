import { type ASTNode, Environment, ParseError } from "@marcbachmann/cel-js";
import type { CompileError } from "./expression.ts";
import { MAX_EXPRESSION_BYTES, MAX_LITERAL_ELEMENTS, MAX_NESTING, MAX_NODES } from "./limits.ts";

/** Only the grammar is cel-js's: types are checked and values made by our own rules (JSON's numbers, named missing fields, bounds). */
const grammar = new Environment({
  limits: {
    maxAstNodes: MAX_NODES,
    maxDepth: MAX_NESTING,
    maxListElements: MAX_LITERAL_ELEMENTS,
    maxMapEntries: MAX_LITERAL_ELEMENTS,
    maxCallArguments: 8,
  },
});

export type Parsed =
  | { readonly ok: true; readonly root: ASTNode }
  | { readonly ok: false; readonly error: CompileError };

export function parseExpression(source: string): Parsed {
  if (source.trim() === "") {
    return refusal(
      "the expression is empty",
      0,
      'put it in quotes: YAML reads if: !has(x) as a tag and drops it; write if: "!has(x)"',
    );
  }
  const bytes = new TextEncoder().encode(source).length;
  if (bytes > MAX_EXPRESSION_BYTES) {
    return refusal(
      `the expression has ${bytes} bytes; ${MAX_EXPRESSION_BYTES} are allowed`,
      0,
      "do this in an action, or in several steps",
    );
  }
  try {
    return { ok: true, root: grammar.parse(source).ast };
  } catch (error) {
    if (error instanceof ParseError)
      return refusal(
        parseMessage(source, error),
        error.range?.start ?? 0,
        parseHint(source, error),
      );
    if (error instanceof RangeError) return refusal("the expression nests too deeply", 0);
    throw error;
  }
}

function refusal(message: string, offset: number, hint?: string): Parsed {
  return {
    ok: false,
    error: { message, path: [], offset, ...(hint === undefined ? {} : { hint }) },
  };
}

function parseMessage(source: string, error: ParseError): string {
  if (error.code === "limit_exceeded") {
    return `the expression is too large: ${error.summary.replace("Exceeded", "it exceeds")}`;
  }
  const at = error.range?.start ?? 0;
  if (error.code === "unexpected_character") {
    return `there is no meaning in ${JSON.stringify(wordAt(source, at) || source.slice(at, at + 1))} here`;
  }
  const summary = error.summary
    .replace("got EOF", "and the expression ends")
    .replace("Unexpected token: EOF", "the expression ends too early");
  return summary.charAt(0).toLowerCase() + summary.slice(1);
}

function wordAt(source: string, at: number): string {
  return /^\w+/.exec(source.slice(at))?.[0] ?? "";
}

const WORD_OPERATORS: { readonly [word: string]: string } = {
  and: "&&",
  or: "||",
  not: "!",
  AND: "&&",
  OR: "||",
  NOT: "!",
};

const UNITS: ReadonlySet<string> = new Set(["ms", "s", "m", "h", "d", "w"]);

function parseHint(source: string, error: ParseError): string | undefined {
  const at = error.range?.start ?? 0;
  if (source.includes("${{") && error.code === "unexpected_character")
    return "this is an expression already: write it without ${{ }}";
  const word = wordAt(source, at);
  if (Object.hasOwn(WORD_OPERATORS, word)) return `write ${WORD_OPERATORS[word]}`;
  const span = /[\d.]+$/.exec(source.slice(0, at))?.[0];
  if (span !== undefined && UNITS.has(word)) return `write duration("${span}${word}")`;
  if (source[at] === "=") return "to compare, write ==";
  if (source[at] === "&" || source[at] === "|") return `write ${source[at]}${source[at]}`;
  if (error.code === "reserved_identifier")
    return 'this word is reserved in CEL; reach a field of this name with ["…"]';
  if (source[at] === "?" && source[at - 1] === ".") return "write has(x.y) or default(x.y, …)";
  if (error.code === "expected_token" && source[at - 1] === ".")
    return `reach a field of this name with [${JSON.stringify(word)}]`;
  if (error.code === "unterminated_string") return "close the quote";
  return undefined;
}

import { type AppError, type FieldError, fieldText } from "@yardmaster/protocol";
import { stringify } from "yaml";
import type { ToolAnswer } from "../tools/tool.ts";
import { bounded, OF_ANY_SHAPE } from "./bounded.ts";
import { inToolWords } from "./tool-words.ts";

/** The answer of `tools/call`. */
export interface ToolResult {
  readonly content: { readonly type: "text"; readonly text: string }[];
  readonly structuredContent?: { [key: string]: unknown };
  readonly isError?: true;
  readonly _meta?: { readonly [key: string]: unknown };
  [key: string]: unknown;
}

/** The key of the problem in the `_meta` of an error, for programs. */
const PROBLEM_META = "yardmaster/problem";
/** Of each text of an error: what was sent may be named in it, however long it is. */
const MAX_CHARS = 1_000;

/** As data for programs, and as a text that says the same in fewer words for a model. */
export function resultOf({ value, next, whole }: ToolAnswer): ToolResult {
  const { value: told, cut } = bounded(value);
  const parts = [textOf(told)];
  if (cut.length > 0) {
    const where = whole === undefined ? "" : ` The whole of it: ${whole} of the HTTP API.`;
    parts.push(`Too large to be told whole (${cut.join("; ")}).${where}`);
  }
  if (next !== undefined) parts.push(`Next: ${next}`);
  return {
    content: [{ type: "text", text: parts.join("\n\n") }],
    structuredContent: { ...told, ...(cut.length > 0 && { cut: [...cut] }) },
  };
}

/** What failed, each wrong place, and the way out. */
export function errorResultOf({ code, message: whole, errors: all }: AppError): ToolResult {
  const message = inToolWords(short(whole));
  const errors = all.map((one) => shortened(one));
  const places = errors.map(({ path, message: what, expected, got, hint }) => {
    const said = [inToolWords(fieldText(path, what))];
    // Where the message does not say it already.
    if (expected !== undefined && !what.includes(expected)) said.push(`expected ${expected}`);
    if (got !== undefined && !what.includes(got)) said.push(`got ${got}`);
    if (hint !== undefined) said.push(inToolWords(hint));
    return `- ${said.join("; ")}`;
  });
  return {
    content: [{ type: "text", text: [`${code}: ${message}`, ...places].join("\n") }],
    isError: true,
    _meta: { [PROBLEM_META]: { code, detail: message, errors } },
  };
}

function shortened(error: FieldError): FieldError {
  const fields = Object.entries(error).map(([name, value]) => [
    name,
    typeof value === "string" ? short(value) : value,
  ]);
  return Object.fromEntries(fields) as FieldError;
}

function short(text: string): string {
  if (text.length <= MAX_CHARS) return text;
  return `${text.slice(0, MAX_CHARS).toWellFormed()} … (${text.length - MAX_CHARS} more characters)`;
}

/** YAML without what says nothing: null, and what is empty. An empty output says something: that nothing was found. */
function textOf(value: object): string {
  const told = withoutEmpty(value);
  return told === undefined ? "(nothing)" : stringify(told, { lineWidth: 0 }).trimEnd();
}

function withoutEmpty(value: unknown): unknown {
  if (value === null || value === "") return undefined;
  if (typeof value !== "object") return value;
  if (Array.isArray(value))
    return value.length === 0 ? undefined : value.map((one) => withoutEmpty(one) ?? null);
  const kept = Object.entries(value)
    .map(
      ([key, one]) =>
        [key, OF_ANY_SHAPE.has(key) ? (one ?? undefined) : withoutEmpty(one)] as const,
    )
    .filter(([, one]) => one !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

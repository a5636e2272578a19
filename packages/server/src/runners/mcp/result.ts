import { isJsonObject, type Json, type JsonObject, type WorkError } from "@yardmaster/protocol";
import { placeOf, readJson } from "../../json/index.ts";
import { tooLarge, tooMuch } from "../output/output.ts";
import { shown, trouble } from "./failed.ts";

export interface ResultOf {
  readonly tool: string;
  readonly server: string;
  /** A text is read as JSON. */
  readonly readsJson: boolean;
  readonly resultLimitBytes: number;
  /** A text as everybody may read it: whole, since half of a secret is known by nobody. */
  readonly clean: (text: string) => string;
}

/**
 * The output of a call: the tool's value where it gives one, the text of its only text block, nothing where it says
 * nothing, else its blocks as they came, each with its type.
 */
export function outputOf(result: JsonObject, of: ResultOf): { readonly output: Json } | WorkError {
  const { isError, structuredContent, content, resultType } = result;
  if (resultType === "input_required") {
    const told = `The tool "${of.tool}" of ${of.server} asks for input, which nobody gives in a run.`;
    return trouble("input_required", told);
  }
  const blocks = Array.isArray(content) ? content.filter(isJsonObject) : [];
  if (isError === true) return failure(blocks, of);
  if (structuredContent !== undefined && structuredContent !== null)
    return bounded(structuredContent as Json, of);
  const [first] = blocks;
  if (first === undefined) return { output: null };
  const text = textOf(first);
  if (blocks.length > 1 || text === undefined) return bounded(blocks, of);
  return of.readsJson ? parsed(text, of) : bounded(text, of);
}

function failure(blocks: readonly JsonObject[], { tool, server, clean }: ResultOf): WorkError {
  const said = shown(blocks.flatMap((block) => textOf(block) ?? []).join("\n"), clean);
  const told = `The tool "${tool}" of ${server} has failed`;
  const message = said === "" ? `${told}, without a word.` : `${told}: ${said}`;
  return { code: "mcp_tool_failed", message, details: { tool } };
}

function parsed(text: string, of: ResultOf): { readonly output: Json } | WorkError {
  const read = readJson(text, "nearest");
  if ("value" in read) return bounded(read.value, of);
  const whose = `The text that the tool "${of.tool}" of ${of.server} answered`;
  if ("excess" in read) return tooMuch(`${whose} cannot be read at once: ${read.excess}`);
  const { line, column, excerpt } = placeOf(text, read.flaw);
  const near = of.clean(text) === text ? excerpt : "***";
  const hint = "Declare output_schema: { type: string } where it is no JSON.";
  return {
    code: "invalid_output",
    message: `${whose} is not JSON, which its output must be: ${read.flaw.problem} at line ${line}, column ${column}, near ${JSON.stringify(near)}. ${hint}`,
    details: { line, column, excerpt: near },
  };
}

function bounded(
  value: Json,
  { resultLimitBytes }: ResultOf,
): { readonly output: Json } | WorkError {
  const output = storableJson(value);
  const bytes = Buffer.byteLength(JSON.stringify(output));
  return bytes > resultLimitBytes ? tooLarge(bytes, resultLimitBytes) : { output };
}

function textOf({ type, text }: JsonObject): string | undefined {
  return type === "text" && typeof text === "string" ? text : undefined;
}

/** PostgreSQL takes neither NUL nor halves of surrogates, and the server cannot be asked to write them otherwise. */
function storableJson(value: Json): Json {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(storableJson);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [storableText(name), storableJson(inner as Json)]),
  );
}

function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

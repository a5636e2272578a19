import { isJsonObject, type Json, type JsonFlaw, numberFlaw } from "@yardmaster/protocol";
import { jsonFlaw } from "./json-flaw.ts";
import { lineAndColumn } from "./json-place.ts";

/** Deepest nesting that is taken: PostgreSQL's parser and JSON.stringify recurse, and would fail at some thousands. */
export const MAX_FOREIGN_DEPTH = 500;

export type ParsedJson =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly problem: string };

/**
 * Parses what a stranger sent; never throws. It takes what a sender cannot be asked to write in another way: NUL and
 * lone surrogates as escapes, integers beyond 2^53 (as the nearest number), a key given twice (the last one counts).
 * Not what JSON could not say again.
 */
export function parseForeignJson(text: string): ParsedJson {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return refused(text, jsonFlaw(text) ?? { index: text.length, problem: "it cannot be read" });
  }
  const flaw = numberFlaw(text, "nearest");
  if (flaw !== undefined) return refused(text, flaw);
  if (opensMoreThan(text, MAX_FOREIGN_DEPTH) && isDeeper(value, MAX_FOREIGN_DEPTH))
    return { ok: false, problem: `nested more than ${MAX_FOREIGN_DEPTH} deep` };
  return { ok: true, value };
}

function refused(text: string, flaw: JsonFlaw): ParsedJson {
  const { line, column } = lineAndColumn(text, flaw);
  return { ok: false, problem: `not valid JSON: line ${line}, column ${column}: ${flaw.problem}` };
}

/** Brackets bound the depth and are counted at the speed of a memory scan; most bodies need no walk. */
function opensMoreThan(text: string, limit: number): boolean {
  let left = limit;
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1))
      if (--left < 0) return true;
  }
  return false;
}

function isDeeper(value: Json | undefined, limit: number): boolean {
  if (!Array.isArray(value) && !isJsonObject(value)) return false;
  if (limit === 0) return true;
  return Object.values(value as object).some((child: Json) => isDeeper(child, limit - 1));
}

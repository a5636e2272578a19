import { isJsonObject, type Json } from "@yardmaster/protocol";

/** Deepest nesting that is taken: PostgreSQL's parser and JSON.stringify recurse, and would fail at some thousands. */
export const MAX_JSON_DEPTH = 500;

export type ParsedJson =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly problem: string };

/** Parses what a stranger sent; never throws. */
export function parseBoundedJson(text: string): ParsedJson {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    return {
      ok: false,
      problem: `not valid JSON: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  if (opensMoreThan(text, MAX_JSON_DEPTH) && isDeeper(value, MAX_JSON_DEPTH))
    return { ok: false, problem: `nested more than ${MAX_JSON_DEPTH} deep` };
  return { ok: true, value };
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

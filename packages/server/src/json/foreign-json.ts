import {
  type Json,
  type JsonFlaw,
  jsonFlaw,
  measureJson,
  numberFlaw,
  placedFlaw,
} from "@yardmaster/protocol";

/** Deepest nesting that is taken: PostgreSQL's parser and JSON.stringify recurse, and would fail at some thousands. */
export const MAX_FOREIGN_DEPTH = 500;

export type ParsedJson =
  | { readonly ok: true; readonly value: Json }
  | {
      readonly ok: false;
      readonly code: "invalid_json" | "too_large";
      readonly problem: string;
      /** It may well be JSON: it holds more, or is deeper, than is taken. */
      readonly isBeyond?: true;
    };

/**
 * Parses what a stranger sent; never throws. It takes what a sender cannot be asked to write in another way: NUL and
 * lone surrogates as escapes, integers beyond 2^53 (as the nearest number), a key given twice (the last one counts).
 * Not what JSON could not say again, and, before it is parsed, not what holds more than can be parsed at once.
 */
export function parseForeignJson(text: string): ParsedJson {
  const { levels, excess } = measureJson(text);
  if (excess !== undefined)
    return {
      ok: false,
      code: "too_large",
      problem: `${excess}. Let it be sent in parts, or send where it is`,
      isBeyond: true,
    };
  if (levels > MAX_FOREIGN_DEPTH)
    return { ...refusal(`nested more than ${MAX_FOREIGN_DEPTH} deep`), isBeyond: true };
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return refused(text, jsonFlaw(text) ?? { index: text.length, problem: "it cannot be read" });
  }
  const flaw = numberFlaw(text, "nearest");
  return flaw === undefined ? { ok: true, value } : refused(text, flaw);
}

function refused(text: string, flaw: JsonFlaw): ParsedJson {
  return refusal(`not valid JSON: ${placedFlaw(text, flaw)}`);
}

function refusal(problem: string): Extract<ParsedJson, { ok: false }> {
  return { ok: false, code: "invalid_json", problem };
}

import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";
import { REDACTED } from "../telemetry/index.ts";
import type { Masks } from "./masking.ts";

export const MAX_TEXT_BYTES = 4_096;
/** Of all texts of one entry's details together. */
export const MAX_DETAILS_BYTES = 16_384;
const MAX_FIELDS = 64;
const MAX_ITEMS = 256;
const MAX_DEPTH = 6;
/** Longer texts are not even searched for secrets beyond this; what is kept of them is far from there. */
const MAX_SEARCHED_CHARS = 512 * 1024;

/** Text that PostgreSQL takes: no NUL, no half of a surrogate pair. */
export function storable(text: string): string {
  return text.replaceAll("\0", "\ufffd").replace(/\p{Surrogate}/gu, "\ufffd");
}

/** The beginning of a text in at most so many bytes of UTF-8; where something was cut, the end says so. */
export function cutText(text: string, mostBytes = MAX_TEXT_BYTES): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= mostBytes) return text;
  const mark = `… [cut: ${bytes} bytes in all]`;
  const room = Buffer.from(text).subarray(0, mostBytes - Buffer.byteLength(mark));
  // A character that was cut in two is left out.
  return new TextDecoder().decode(room, { stream: true }) + mark;
}

/**
 * A copy of details that is fit to be kept: masked, texts cut, and all of it bounded. What is left out is said where it
 * stood.
 */
export function boundedDetails(details: JsonObject, masks: Masks): JsonObject {
  let leftBytes = MAX_DETAILS_BYTES;

  function text(given: string): string {
    const clean = cutText(masks.text(storable(given.slice(0, MAX_SEARCHED_CHARS))));
    return fits(clean) ? clean : "[left out: too much]";
  }

  function fits(clean: string): boolean {
    const bytes = Buffer.byteLength(clean);
    if (bytes > leftBytes) return false;
    leftBytes -= bytes;
    return true;
  }

  function list(given: readonly Json[], depth: number): Json[] {
    const kept = given.slice(0, MAX_ITEMS).map((one, at) => {
      const before = given[at - 1];
      return typeof before === "string" && masks.isSecretOption(before)
        ? REDACTED
        : value(one, depth);
    });
    if (given.length > MAX_ITEMS) kept.push(`[cut: ${given.length} in all]`);
    return kept;
  }

  function object(given: JsonObject, depth: number): JsonObject {
    const copy: { [name: string]: Json } = {};
    const entries = Object.entries(given).filter(([, field]) => field !== undefined);
    for (const [name, field] of entries.slice(0, MAX_FIELDS)) {
      const isSecret = masks.isSecretName(name) && field !== null;
      copy[cutText(storable(name), 256)] = isSecret ? REDACTED : value(field as Json, depth);
    }
    if (entries.length > MAX_FIELDS) copy["cut"] = `${entries.length} fields in all`;
    return copy;
  }

  function value(given: Json, depth: number): Json {
    if (typeof given === "string") return text(given);
    if (typeof given === "number") return Number.isFinite(given) ? given : null;
    if (given === null || typeof given === "boolean") return given;
    if (depth >= MAX_DEPTH) return "[left out: too deep]";
    return isJsonObject(given) ? object(given, depth + 1) : list(given, depth + 1);
  }

  return object(details, 0);
}

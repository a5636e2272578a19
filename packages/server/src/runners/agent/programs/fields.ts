import { isJsonObject, type Json, type JsonObject } from "@yardmaster/protocol";

/** Readers of what other programs print: a field of another kind than expected is as if it were not there. */

export function textIn(from: JsonObject, key: string): string | undefined {
  const value = from[key];
  return typeof value === "string" ? value : undefined;
}

/** Longer names are none: of a session, a model, a limit. */
const MAX_NAME_CHARS = 200;

export function nameIn(from: JsonObject, key: string): string | undefined {
  const text = textIn(from, key);
  return text !== undefined && text !== "" && text.length <= MAX_NAME_CHARS ? text : undefined;
}

export function textsIn(from: JsonObject, key: string): readonly string[] {
  const value = from[key];
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

export function numberIn(from: JsonObject, key: string): number | undefined {
  const value = from[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** A number of tokens or rounds. */
export function countIn(from: JsonObject, key: string): number | undefined {
  const value = numberIn(from, key);
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The end of the year 9999, in Unix seconds: no time of a limit, and no time that can be written, lies behind it. */
const LAST_SECOND = 253_402_300_799;

/** A time given in Unix seconds, in Unix milliseconds. */
export function timeIn(from: JsonObject, key: string): number | undefined {
  const value = numberIn(from, key);
  return value !== undefined && value >= 0 && value <= LAST_SECOND ? value * 1000 : undefined;
}

export function mapIn(from: JsonObject, key: string): JsonObject {
  const value = from[key];
  return isJsonObject(value) ? value : {};
}

export function mapsIn(from: JsonObject, key: string): readonly JsonObject[] {
  const value = from[key];
  return Array.isArray(value) ? (value as readonly Json[]).filter(isJsonObject) : [];
}

/** A map without what is undefined. */
export function given<T extends object>(map: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(map).filter(([, value]) => value !== undefined),
  ) as never;
}

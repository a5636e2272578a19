import pg from "pg";

const { builtins } = pg.types;
const dateOf = pg.types.getTypeParser(builtins.TIMESTAMPTZ, "text") as (text: string) => unknown;

/** `int8` as a number where that is exact (counts, sequences), else the digits as text. */
export function parseInt8(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

/**
 * `timestamptz` as RFC 3339 text in UTC with milliseconds: what the wire wants, sorts as text, and costs no
 * Date. Microseconds are cut, so a keyset page must not use a time alone as its key.
 */
export function parseTimestamptz(text: string): string {
  if (text.length >= 22 && text.endsWith("+00") && text.charCodeAt(4) === 45) {
    const fraction = text.slice(19, -3);
    const ms = fraction === "" ? "000" : fraction.slice(1, 4).padEnd(3, "0");
    return `${text.slice(0, 10)}T${text.slice(11, 19)}.${ms}Z`;
  }
  const value = dateOf(text);
  return value instanceof Date ? value.toISOString() : text;
}

const parsers = new Map<number, (text: string) => unknown>([
  [builtins.INT8, parseInt8],
  [builtins.TIMESTAMPTZ, parseTimestamptz],
]);

/** Type parsers of every connection we make; json and jsonb arrive parsed (the driver's default). */
export const valueTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    (format !== "binary" && parsers.get(oid)) ||
    pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
};

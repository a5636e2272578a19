/**
 * Values for PostgreSQL, one or an array of them (docs: "Array Input and Output Syntax"), built by hand for the
 * engine's one write: the driver's own way looks at every element of every array as a stranger and costs a third of
 * the flush.
 */

/** Reads a column of a row; `null` is NULL. */
type Read<Row> = (row: Row) => string | number | boolean | null;

/** Of values whose text needs no quotes: uuids, numbers, booleans, instants, words. */
export function plainArray<Row>(rows: readonly Row[], read: Read<Row>): string {
  let text = "{";
  for (const row of rows) text += `${text.length > 1 ? "," : ""}${read(row) ?? "NULL"}`;
  return `${text}}`;
}

/** Of any text without NUL. */
export function textArray<Row>(rows: readonly Row[], read: Read<Row>): string {
  let text = "{";
  for (const row of rows) {
    const value = read(row);
    text += `${text.length > 1 ? "," : ""}${value === null ? "NULL" : quoted(String(value))}`;
  }
  return `${text}}`;
}

const EACH_SPECIAL = /["\\]/g;

function quoted(value: string): string {
  if (!value.includes('"') && !value.includes("\\")) return `"${value}"`;
  return `"${value.replace(EACH_SPECIAL, "\\$&")}"`;
}

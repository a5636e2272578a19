/**
 * PostgreSQL array literals (docs: "Array Input and Output Syntax"), built by hand for the engine's one write: the
 * driver's own way looks at every element of every array as a stranger and costs a third of the flush. Each takes
 * rows and what to read of them, so that no array is made only to be joined.
 */

/** Of values whose text needs no quotes: uuids, numbers, booleans, words. */
export function plainArray<Row>(
  rows: readonly Row[],
  read: (row: Row) => string | number | boolean | null,
): string {
  let text = "{";
  for (const row of rows) text += `${text.length > 1 ? "," : ""}${read(row) ?? "NULL"}`;
  return `${text}}`;
}

/** Of any text without NUL. */
export function textArray<Row>(rows: readonly Row[], read: (row: Row) => string | null): string {
  let text = "{";
  for (const row of rows) {
    const value = read(row);
    text += `${text.length > 1 ? "," : ""}${value === null ? "NULL" : quoted(value)}`;
  }
  return `${text}}`;
}

const EACH_SPECIAL = /["\\]/g;

function quoted(value: string): string {
  if (!value.includes('"') && !value.includes("\\")) return `"${value}"`;
  return `"${value.replace(EACH_SPECIAL, "\\$&")}"`;
}

/** Of instants. */
export function timeArray<Row>(rows: readonly Row[], read: (row: Row) => Date | null): string {
  return plainArray(rows, (row) => read(row)?.toISOString() ?? null);
}

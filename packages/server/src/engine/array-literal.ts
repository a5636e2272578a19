/**
 * Arrays for PostgreSQL, built by hand for the engine's one write: the driver's own way looks at every element of
 * every array as a stranger and costs a third of the flush.
 */

/** Reads a column of a row; `null` is NULL. */
type Read<Row> = (row: Row) => string | number | boolean | null;

/** Of values whose text needs no quotes: uuids, numbers, booleans, instants, words. */
export function plainArray<Row>(rows: readonly Row[], read: Read<Row>): string {
  let text = "{";
  for (const row of rows) text += `${text.length > 1 ? "," : ""}${read(row) ?? "NULL"}`;
  return `${text}}`;
}

const TEXT_OID = 25;
const HEADER_BYTES = 20;

/**
 * Of any text without NUL, in PostgreSQL's binary format (array_recv: dimensions, whether there are NULLs, the type of
 * the elements, their count, the first index; then each with its length): JSON is full of quotes that the textual
 * format would have to escape, and PostgreSQL to read again.
 */
export function textArray<Row>(rows: readonly Row[], read: Read<Row>): Buffer {
  const texts = rows.map((row) => {
    const value = read(row);
    return value === null ? null : String(value);
  });
  const sizes = texts.map((text) => (text === null ? 0 : Buffer.byteLength(text)));
  const bytes = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + size + 4, HEADER_BYTES));
  bytes.writeInt32BE(1, 0);
  bytes.writeInt32BE(texts.includes(null) ? 1 : 0, 4);
  bytes.writeInt32BE(TEXT_OID, 8);
  bytes.writeInt32BE(texts.length, 12);
  bytes.writeInt32BE(1, 16);
  let at = HEADER_BYTES;
  for (const [i, text] of texts.entries()) {
    at = bytes.writeInt32BE(text === null ? -1 : (sizes[i] as number), at);
    if (text !== null) at += bytes.write(text, at);
  }
  return bytes;
}

/**
 * Arrays for PostgreSQL, built by hand for what is written often: the driver's own way looks at every element of every
 * array as a stranger, and cost a third of a flush of the engine.
 */

/** Reads a column of a row; `null` is NULL. */
type Read<Row> = (row: Row) => string | number | boolean | Buffer | null;

/** Of values whose text needs no quotes: uuids, numbers, booleans, instants, words. */
export function plainArray<Row>(rows: readonly Row[], read: Read<Row>): string {
  let text = "{";
  for (const row of rows) text += `${text.length > 1 ? "," : ""}${read(row) ?? "NULL"}`;
  return `${text}}`;
}

const TEXT_OID = 25;
const BYTEA_OID = 17;
const HEADER_BYTES = 20;

/**
 * Of any text without NUL, in PostgreSQL's binary format: JSON is full of quotes that the textual format would have to
 * escape, and PostgreSQL to read again.
 */
export function textArray<Row>(rows: readonly Row[], read: Read<Row>): Buffer {
  const texts = rows.map((row) => {
    const value = read(row);
    return value === null ? null : String(value);
  });
  const sizes = texts.map((text) => (text === null ? -1 : Buffer.byteLength(text)));
  return binaryArray(TEXT_OID, sizes, (i, bytes, at) => bytes.write(texts[i] as string, at));
}

/** Of bytes, in the same format: half of what hexadecimal digits would be. */
export function byteaArray<Row>(rows: readonly Row[], read: Read<Row>): Buffer {
  const values = rows.map((row) => read(row) as Buffer | null);
  const sizes = values.map((value) => value?.length ?? -1);
  return binaryArray(BYTEA_OID, sizes, (i, bytes, at) => (values[i] as Buffer).copy(bytes, at));
}

/**
 * array_recv: dimensions, whether there are NULLs, the type of the elements, their count, the first index; then each
 * with its size, which is −1 for NULL. `write` puts an element into its place.
 */
function binaryArray(
  elementOid: number,
  sizes: readonly number[],
  write: (index: number, bytes: Buffer, at: number) => void,
): Buffer {
  const length = sizes.reduce((sum, size) => sum + Math.max(size, 0) + 4, HEADER_BYTES);
  const bytes = Buffer.allocUnsafe(length);
  bytes.writeInt32BE(1, 0);
  bytes.writeInt32BE(sizes.includes(-1) ? 1 : 0, 4);
  bytes.writeInt32BE(elementOid, 8);
  bytes.writeInt32BE(sizes.length, 12);
  bytes.writeInt32BE(1, 16);
  let at = HEADER_BYTES;
  for (const [i, size] of sizes.entries()) {
    at = bytes.writeInt32BE(size, at);
    if (size < 0) continue;
    write(i, bytes, at);
    at += size;
  }
  return bytes;
}

import { byteaArray, plainArray, textArray } from "./array-literal.ts";

/** Of `bytea` columns a Buffer, of others what has a text. */
export type ColumnValue = string | number | boolean | Buffer | null;

/**
 * A column of rows that are handed to a statement. Texts of any kind are of type `text` or `json`; the values of other
 * types need no quotes in an array: uuids, numbers, booleans, RFC 3339 times, words.
 */
export interface Column<Row> {
  readonly name: string;
  readonly type: string;
  readonly read: (row: Row) => ColumnValue;
}

/** Rows that are handed to a statement: one as plain values, more as an array for each column. */
export interface Table<Row> {
  readonly name: string;
  readonly columns: readonly Column<Row>[];
}

/** Gives the next parameter of the statement. */
export type Parameter = () => string;

/**
 * The rows as an item of FROM. A single row is a SELECT of values, which the planner folds into what reads it: half
 * the cost of an array for the one advance of a system with one workflow in flight.
 */
export function fromTable<Row>(
  { name, columns }: Table<Row>,
  isSingle: boolean,
  $: Parameter,
): string {
  if (isSingle) {
    return `(SELECT ${columns.map((column) => `${$()}::${column.type} AS ${column.name}`).join(", ")}) AS ${name}`;
  }
  const arrays = columns
    .map(({ type }) => `${$()}::${type === "json" ? "text" : type}[]`)
    .join(", ");
  return `unnest(${arrays}) AS ${name}(${columns.map((column) => column.name).join(", ")})`;
}

/** Of a parameter: text, or bytes in PostgreSQL's binary format. */
export type ParameterValue = string | Buffer | null;

/** The rows as values of the parameters of `fromTable`, in their order. */
export function tableValues<Row>(table: Table<Row>, rows: readonly Row[]): ParameterValue[] {
  const [only] = rows;
  if (rows.length !== 1 || only === undefined) return tableArrays(table, rows);
  return table.columns.map(({ read }) => {
    const value = read(only);
    return value === null || Buffer.isBuffer(value) ? value : String(value);
  });
}

/** The same where `isSingle` was false. */
export function tableArrays<Row>({ columns }: Table<Row>, rows: readonly Row[]): ParameterValue[] {
  return columns.map(({ type, read }) => {
    if (type === "text" || type === "json") return textArray(rows, read);
    return type === "bytea" ? byteaArray(rows, read) : plainArray(rows, read);
  });
}

/** A statement that inserts all rows of `tableArrays`, whatever their number; `onConflict` ends it. */
export function insertText<Row>(into: string, table: Table<Row>, onConflict: string): string {
  let count = 0;
  const rows = fromTable(table, false, () => `$${++count}`);
  const names = table.columns.map(({ name }) => name).join(", ");
  const values = table.columns.map(({ name, type }) => (type === "json" ? `${name}::json` : name));
  return `INSERT INTO ${into} (${names}) SELECT ${values.join(", ")} FROM ${rows} ${onConflict}`;
}

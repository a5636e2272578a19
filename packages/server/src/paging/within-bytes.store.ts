import type { Pool } from "pg";

/** Payloads of one page, as JSON text; with one record beyond it, what a page costs the server. */
export const MAX_PAGE_BYTES = 8 * 1024 * 1024;

interface PageQuery {
  readonly text: string;
  readonly values: readonly unknown[];
}

interface Payloads {
  /** Columns of JSON. */
  readonly columns: readonly string[];
  readonly order: "asc" | "desc";
}

/** Rows in order; `isCut` where their payloads ended them before the query did. */
export interface RowsWithinBytes<Row> {
  readonly rows: readonly Row[];
  readonly isCut: boolean;
}

/**
 * The rows of a query, in the order of their ids, for as long as the payloads before them stay below `MAX_PAGE_BYTES`:
 * one at least.
 */
export async function readWithinBytes<Row>(
  pool: Pool,
  { text, values }: PageQuery,
  payloads: Payloads,
): Promise<RowsWithinBytes<Row>> {
  const { rows } = await pool.query<Row & Bounds>(withinBytes(text, payloads), [...values]);
  const isCut = rows.length < Number(rows[0]?.page_rows ?? 0);
  return { rows: rows.map(withoutBounds), isCut };
}

interface Bounds {
  /** How many rows the query gave; PostgreSQL's bigint. */
  readonly page_rows: string;
  readonly stored_before: string;
  readonly texts_before: string;
}

/**
 * Sizes as stored come first, since they are known without reading a payload: only of what they leave, some of it
 * compressed to a hundredth, each text is measured, one at a time.
 */
function withinBytes(query: string, { columns, order }: Payloads): string {
  const sizes = (of: (column: string) => string): string =>
    columns.map((column) => `coalesce(${of(column)}, 0)`).join(" + ");
  const before = (size: string): string =>
    `coalesce(sum(${size}) OVER (ORDER BY id ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)`;
  const stored = before(sizes((column) => `pg_column_size(${column})`));
  const texts = before(sizes((column) => `octet_length(${column}::text)`));
  return `SELECT * FROM (
    SELECT *, ${texts} AS texts_before FROM (
      SELECT *, count(*) OVER () AS page_rows, ${stored} AS stored_before FROM (${query}) page
    ) by_stored WHERE stored_before < ${MAX_PAGE_BYTES}
  ) by_texts WHERE texts_before < ${MAX_PAGE_BYTES} ORDER BY id ${order}`;
}

function withoutBounds<Row>(row: Row & Bounds): Row {
  const { page_rows: _, stored_before: __, texts_before: ___, ...rest } = row;
  return rest as Row;
}

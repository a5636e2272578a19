import { hasId, withShortIds } from "../short-id/short-id.ts";
import { cutTo, padTo, widthOf } from "./width.ts";

export interface TableLook {
  /** Cells of a line, undefined where nothing is to be left out. */
  readonly width?: number | undefined;
  readonly heading?: (text: string) => string;
  /** Ids are never shortened: no command takes a part of these. */
  readonly keepsIds?: boolean | undefined;
}

/**
 * Rows under headings, columns aligned; columns that are empty in every row are left out. Where the width does not do,
 * first the last column is cut, then ids are shown by their ends, then columns are left out from the right: the first
 * ones say what matters.
 */
export function tableLines(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { width, heading, keepsIds = false }: TableLook = {},
): string[] {
  const whole = tableOf(headings, rows);
  const table =
    width === undefined || keepsIds || neededBy(whole) <= width
      ? whole
      : tableOf(
          headings,
          rows.map((row) => row.map(withShortIds)),
        );
  const shown = width === undefined ? table.widths.length : shownIn(width, table);
  const lines = table.lines.map((cells) => {
    const last = shown - 1;
    const line = cells
      .slice(0, shown)
      .map((cell, column) => (column === last ? cell : padTo(cell, table.widths[column] as number)))
      .join(GAP)
      .trimEnd();
    return width === undefined ? line : cutTo(line, width);
  });
  const [first = "", ...others] = lines;
  return [heading?.(first) ?? first, ...others];
}

const GAP = "  ";

/** What of the last column must be seen, where it is a text. */
const ENOUGH_OF_LAST = 24;
/** What of any column: less of it says nothing. */
const ENOUGH = 6;

interface Table {
  /** The headings first. */
  readonly lines: readonly (readonly string[])[];
  readonly widths: readonly number[];
}

function tableOf(headings: readonly string[], rows: readonly (readonly string[])[]): Table {
  const used = headings
    .map((_, column) => column)
    .filter((column) => rows.some((row) => row[column] !== ""));
  const lines = [headings, ...rows].map((row) => used.map((column) => row[column] ?? ""));
  const widths = used.map((_, column) =>
    Math.max(...lines.map((row) => widthOf(row[column] as string))),
  );
  return { lines, widths };
}

/** Cells in which such a table says all that it must. */
function neededBy({ lines, widths }: Table): number {
  const last = widths.length - 1;
  const isText = !lines.some((cells) => hasId(cells[last] ?? ""));
  return widths.reduce(
    (sum, cells, column) =>
      sum +
      (column === 0 ? 0 : GAP.length) +
      (column === last && isText ? Math.min(cells, ENOUGH_OF_LAST) : cells),
    0,
  );
}

/** How many columns have room, the last of them perhaps for a part of it. */
function shownIn(width: number, { widths }: Table): number {
  let at = 0;
  for (const [column, cells] of widths.entries()) {
    if (column > 0 && at + Math.min(cells, ENOUGH) > width) return column;
    at += cells + GAP.length;
  }
  return widths.length;
}

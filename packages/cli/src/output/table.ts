import { cutTo, padTo, widthOf } from "./width.ts";

/**
 * Rows under headings, columns aligned. With `width` the last column is cut to fit in so many cells; columns that
 * are empty in every row are left out.
 */
export function tableLines(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  options: {
    readonly width?: number | undefined;
    readonly heading?: (text: string) => string;
  } = {},
): string[] {
  const used = headings
    .map((_, column) => column)
    .filter((column) => rows.some((row) => row[column] !== ""));
  const all = [headings, ...rows].map((row) => used.map((column) => row[column] ?? ""));
  const widths = used.map((_, column) =>
    Math.max(...all.map((row) => widthOf(row[column] as string))),
  );
  const lines = all.map((cells) => {
    const line = cells
      .map((cell, column) =>
        column === cells.length - 1 ? cell : padTo(cell, widths[column] as number),
      )
      .join("  ");
    return options.width === undefined ? line.trimEnd() : cutTo(line.trimEnd(), options.width);
  });
  const [first = "", ...others] = lines;
  return [options.heading?.(first) ?? first, ...others];
}

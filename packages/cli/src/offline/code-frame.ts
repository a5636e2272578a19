import type { PlacedError } from "@yardmaster/protocol/core";
import type { Paint } from "../output/paint.ts";
import { withoutControl } from "../output/printable.ts";

const MAX_WIDTH = 120;
const BEFORE = 1;

/**
 * The line of a problem and the one before it, with a mark under the column. Empty where the text has no such line.
 * Of a very long line only what is around the column is shown.
 */
export function codeFrame(
  text: string,
  { line, column }: Pick<PlacedError, "line" | "column">,
  paint: Paint,
): string[] {
  const lines = text.split(/\r?\n/);
  const wrong = lines[line - 1];
  if (wrong === undefined || text === "") return [];
  const start = Math.max(0, column - 1 - (MAX_WIDTH - 20));
  const gutter = String(line).length;
  const shown = (number: number): string => {
    const source = lines[number - 1] ?? "";
    const part = withoutControl(source.replaceAll("\t", " ")).slice(start, start + MAX_WIDTH);
    const cut = source.length > start + MAX_WIDTH ? "…" : "";
    return `${String(number).padStart(gutter)} │ ${start > 0 ? "…" : ""}${part}${cut}`.trimEnd();
  };
  const before = Array.from({ length: BEFORE }, (_, i) => line - BEFORE + i).filter((at) => at > 0);
  const shift = column - 1 - start + (start > 0 ? 1 : 0);
  return [
    ...before.map((at) => paint.faint(`  ${shown(at)}`)),
    `${paint.bad(">")} ${shown(line)}`,
    `  ${" ".repeat(gutter)} │ ${" ".repeat(shift)}${paint.bad("^")}`,
  ];
}

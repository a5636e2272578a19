import { stripVTControlCharacters } from "node:util";

// Blocks that terminals draw two cells wide (East Asian Wide of UAX 11, and emoji).
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]/u;
const ONE_CELL_EACH = /^[\x20-\x7e]*$/;

/** Cells that the text takes on a terminal, colours not counted. */
export function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (ONE_CELL_EACH.test(plain)) return plain.length;
  let cells = 0;
  for (const character of plain) cells += cellsOf(character);
  return cells;
}

export function padTo(text: string, cells: number): string {
  return text + " ".repeat(Math.max(0, cells - widthOf(text)));
}

/** Cuts to at most `cells`, the last of them "…" where something was cut. Colours are kept and closed. */
export function cutTo(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text;
  let kept = "";
  let used = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  for (const piece of text.split(/(\u001b\[[\d;]*m)/)) {
    if (piece.startsWith("\u001b[")) {
      kept += piece;
      continue;
    }
    for (const character of piece) {
      const next = cellsOf(character);
      if (used + next > cells - 1) return `${kept}…${kept.includes("\u001b[") ? "\u001b[0m" : ""}`;
      kept += character;
      used += next;
    }
  }
  return kept;
}

function cellsOf(character: string): number {
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

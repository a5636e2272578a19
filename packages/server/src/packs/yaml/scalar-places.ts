import { Scalar } from "yaml";

const ESCAPES: { readonly [char: string]: number } = { x: 2, u: 4, U: 8 };

/**
 * The offset in the file of character `offset` of a scalar's text; the scalar's own start where its way of
 * writing (folded, over several lines) does not tell.
 */
export function sourceOffset(scalar: Scalar, offset: number, source: string): number {
  const start = scalar.range?.[0] ?? 0;
  const end = scalar.range?.[1] ?? start;
  // Behind the last line of a block stands nothing to point at.
  return Math.min(end, offsetIn(scalar, offset, source.slice(start, end), start));
}

function offsetIn(scalar: Scalar, offset: number, written: string, start: number): number {
  switch (scalar.type) {
    case Scalar.PLAIN:
      return written.includes("\n") ? start : start + offset;
    case Scalar.QUOTE_SINGLE:
      return written.includes("\n") ? start : start + 1 + singleQuoted(written.slice(1), offset);
    case Scalar.QUOTE_DOUBLE:
      return written.includes("\n") ? start : start + 1 + doubleQuoted(written.slice(1), offset);
    case Scalar.BLOCK_LITERAL:
      return start + blockLiteral(written, String(scalar.value), offset);
    default:
      return start;
  }
}

function singleQuoted(written: string, offset: number): number {
  let at = 0;
  for (let done = 0; done < offset; done++) at += written.startsWith("''", at) ? 2 : 1;
  return at;
}

function doubleQuoted(written: string, offset: number): number {
  let at = 0;
  for (let done = 0; done < offset; done++)
    at += written[at] === "\\" ? 2 + (ESCAPES[written[at + 1] ?? ""] ?? 0) : 1;
  return at;
}

/** Lines of the text stand on the lines after the `|`, each behind the block's indentation. */
function blockLiteral(written: string, value: string, offset: number): number {
  const before = value.slice(0, offset);
  const line = before.split("\n").length;
  const column = offset - (before.lastIndexOf("\n") + 1);
  const lines = written.split("\n");
  const first = value.split("\n").findIndex((text) => text.trim() !== "");
  const text = value.split("\n")[first] ?? "";
  const indent = Math.max(0, (lines[first + 1] ?? "").replace(/\r$/, "").length - text.length);
  const above = lines.slice(0, line).reduce((total, one) => total + one.length + 1, 0);
  return above + indent + column;
}

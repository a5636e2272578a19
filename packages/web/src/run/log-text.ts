import type { LogLine } from "@yardmaster/protocol";

/** A line of output as it is shown. Replaced by a new object when more of it comes. */
export interface LogRow {
  readonly key: number;
  readonly slot: string;
  readonly stream: LogLine["stream"];
  readonly at: string;
  readonly text: string;
}

export interface LogText {
  push(piece: LogLine): void;
  /** The last rows, and whether there are older ones: left out by the server, or let go here. */
  read(): { readonly rows: readonly LogRow[]; readonly hasOlder: boolean };
}

interface Growing extends LogRow {
  /** The text as it was written: control sequences may be cut between two pieces. */
  readonly raw: string;
}

/** Longer lines are shown cut, and say so. */
export const MAX_ROW_CHARS = 4_000;

/** Puts the pieces of a log together to lines: a piece may begin and end in the middle of one. Keeps the last `maxRows`. */
export function createLogText(maxRows: number): LogText {
  let rows: Growing[] = [];
  let dropped = 0;
  let isTail = false;
  let nextKey = 0;
  /** By writer: the row that its next piece goes on with. */
  const open = new Map<string, number>();

  function push(piece: LogLine): void {
    isTail ||= piece.older !== undefined;
    const writer = `${piece.step} ${piece.attempt} ${piece.stream}`;
    const lines = piece.text.split("\n");
    const rest = lines.pop() as string;
    for (const line of lines) append(piece, writer, line, true);
    if (rest !== "") append(piece, writer, rest, false);
    if (rows.length > maxRows * 1.2) drop(rows.length - maxRows);
  }

  function append(piece: LogLine, writer: string, more: string, isWhole: boolean): void {
    const key = open.get(writer);
    const index = key === undefined ? -1 : key - dropped;
    const before = rows[index];
    const raw = (before?.raw ?? "") + more;
    const row = {
      key: before?.key ?? nextKey++,
      slot: piece.step,
      stream: piece.stream,
      at: before?.at ?? piece.at,
      raw: raw.slice(0, MAX_ROW_CHARS * 4),
      text: shown(raw),
    };
    if (before === undefined) rows.push(row);
    else rows[index] = row;
    if (isWhole) open.delete(writer);
    else open.set(writer, row.key);
  }

  function drop(count: number): void {
    rows = rows.slice(count);
    dropped += count;
  }

  return { push, read: () => ({ rows: [...rows], hasOlder: isTail || dropped > 0 }) };
}

// Control sequences of terminals (ECMA-48): CSI, OSC up to its end, and the two-character ones.
const CONTROL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_])/g;

/** A line as a terminal would leave it: without control sequences, and with what a lone CR went back over gone. */
function shown(raw: string): string {
  const plain = raw.replace(CONTROL, "").replace(/\r+$/, "");
  const text = plain.slice(plain.lastIndexOf("\r") + 1);
  if (text.length <= MAX_ROW_CHARS) return text;
  return `${text.slice(0, MAX_ROW_CHARS)} … (cut: the line is longer than ${MAX_ROW_CHARS} characters)`;
}

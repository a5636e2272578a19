import type { Io } from "../io.ts";
import { type Paint, paintFor } from "./paint.ts";
import { escapedJson, showable } from "./printable.ts";
import { type TableLook, tableLines } from "./table.ts";

/** How a command speaks: text for people, or with `--json` one value a line and nothing else on stdout. */
export interface Output {
  readonly isJson: boolean;
  readonly paint: Paint;
  /** Cells of a line, undefined where there is no terminal. */
  readonly width: number | undefined;
  /** For people; silent with `--json`. */
  lines(...lines: readonly string[]): void;
  table(
    headings: readonly string[],
    rows: readonly (readonly string[])[],
    look?: Pick<TableLook, "keepsIds">,
  ): void;
  /** The value with `--json`, else what `human` says about it. */
  value(value: unknown, human: () => void): void;
  /** A list as it comes: a line of JSON for each with `--json`, else a table at its end, or `empty`. How many there were. */
  list<Item>(items: AsyncIterable<Item>, shape: ListShape<Item>): Promise<number>;
}

export interface ListShape<Item> {
  readonly headings: readonly string[];
  row(item: Item): readonly string[];
  readonly empty: string;
  readonly keepsIds?: boolean;
}

export function createOutput(io: Io, options: { readonly json: boolean }): Output {
  const { stdout } = io;
  const paint = paintFor(stdout, io.env);
  const width = widthOf(io);
  const isTerminal = stdout.isTTY === true;
  const write = (lines: readonly string[]) =>
    lines.length > 0 &&
    stdout.write(`${lines.map((line) => (isTerminal ? showable(line) : line)).join("\n")}\n`);
  const json = (value: unknown) => stdout.write(`${escapedJson(value)}\n`);

  const output: Output = {
    isJson: options.json,
    paint,
    width,
    lines: (...lines) => {
      if (!options.json) write(lines);
    },
    table: (headings, rows, look) =>
      output.lines(...tableLines(headings, rows, { width, heading: paint.faint, ...look })),
    value: (value, human) => {
      if (options.json) json(value);
      else human();
    },
    list: async (items, shape) => {
      const rows: (readonly string[])[] = [];
      let count = 0;
      for await (const item of items) {
        count++;
        if (options.json) json(item);
        else rows.push(shape.row(item));
      }
      if (rows.length > 0) output.table(shape.headings, rows, shape);
      else output.lines(paint.faint(shape.empty));
      return count;
    },
  };
  return output;
}

/** Of a terminal alone. COLUMNS goes before what it says itself, as with `ls` and `git`. */
function widthOf({ stdout, env }: Io): number | undefined {
  if (stdout.isTTY !== true) return undefined;
  // A terminal that does not know its size, as under `ssh -tt`, says 0: nothing is cut to it.
  return Number.parseInt(env["COLUMNS"] ?? "", 10) || stdout.columns || undefined;
}

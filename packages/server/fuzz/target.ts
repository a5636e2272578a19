/** A parser that reads what strangers or people write, with what must hold whatever it is given. */
export interface FuzzTarget {
  readonly name: string;
  /** Inputs as they should be: what mutations begin with. */
  readonly seeds: readonly (string | Buffer)[];
  /** Pieces that mean something here: what mutations put in. */
  readonly words: readonly string[];
  /** CPU time that an input of up to 32 KiB may take; 300 unless given. */
  readonly limitMs?: number;
  /**
   * Gives the parser an input. Resolves with a word for what came of it: inputs with a new word are kept and mutated
   * further. Throws where something does not hold.
   */
  run(input: Buffer): string | Promise<string>;
}

/** @throws Error with what does not hold */
export function must(holds: boolean, what: string, ...shown: readonly unknown[]): asserts holds {
  if (holds) return;
  const values = shown.map((value) => JSON.stringify(value)?.slice(0, 300) ?? String(value));
  throw new Error(`${what}${values.length === 0 ? "" : `: ${values.join(" · ")}`}`);
}

/** What is taken is kept as JSON, and must be the same when it is read again: `1e400` would become null. */
export function mustComeBack(value: unknown): void {
  const again = JSON.stringify(JSON.parse(JSON.stringify(value)));
  const told = JSON.stringify(value, (_key, one) =>
    typeof one === "number" && !Number.isFinite(one) ? "not finite" : one,
  );
  must(again === told, "a value does not come back", told);
}

/** A message without what differs from input to input, so that like outcomes have the same word. */
export function wordFor(message: string): string {
  return message
    .replace(/"(?:[^"\\]|\\.)*"|`[^`]*`|'[^']*'/g, '""')
    .replace(/\d+/g, "0")
    .replace(/[^\x20-\x7e]+/g, "")
    .slice(0, 40);
}

/** Lines and columns begin with 1; the end of the text is a place too. */
export function mustBeInside(
  text: string,
  place: { readonly line: number; readonly column: number },
  what: string,
): void {
  const lines = text.split("\n");
  const line = lines[place.line - 1];
  must(
    line !== undefined && place.column >= 1 && place.column <= line.length + 1,
    `${what} stands outside of the text`,
    [place.line, place.column],
    `${lines.length} lines`,
    line,
  );
}

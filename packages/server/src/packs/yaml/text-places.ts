import type { Place } from "@yardmaster/kernel";

/**
 * The places of a file's offsets. The YAML parser's own count leaves out the lines inside of what it could not make
 * sense of, so that errors behind them stood in the wrong lines.
 */
export function placesIn(file: string, text: string): (offset: number) => Place {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    const inside = Math.max(0, Math.min(offset, text.length));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] as number) <= inside) low = middle;
      else high = middle - 1;
    }
    return { file, line: low + 1, column: inside - (starts[low] as number) + 1 };
  };
}

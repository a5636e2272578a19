import type { OutputStream } from "../io.ts";

/** A block of lines at the end of a terminal that is drawn over in place. */
export interface LiveBlock {
  /** Shows these lines instead of the last ones. They must be no wider than the terminal and fewer than its rows. */
  draw(lines: readonly string[]): void;
}

const CLEAR_LINE_END = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/** Each draw is one write that clears line ends instead of the block, so that nothing flickers. */
export function createLiveBlock(stream: OutputStream): LiveBlock {
  let shown = 0;
  return {
    draw: (lines) => {
      const up = shown === 0 ? "" : `\x1b[${shown}A`;
      stream.write(
        `${up}\r${lines.map((line) => `${line}${CLEAR_LINE_END}\n`).join("")}${CLEAR_BELOW}`,
      );
      shown = lines.length;
    },
  };
}

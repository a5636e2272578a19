import type { LogLine } from "@yardmaster/protocol";

/** The newest lines of each step, by step id; those of a for_each's items together. */
export interface LogTails {
  add(line: LogLine): void;
  readonly byStep: ReadonlyMap<string, readonly string[]>;
}

/** A line that is being written without an end is shown, but no more than this of it is kept. */
const MAX_LINE = 1_000;

export function createLogTails(keep: number): LogTails {
  const byStep = new Map<string, string[]>();
  /** Who has begun the last line of a step, where it has no end yet. */
  const writing = new Map<string, string | undefined>();
  return {
    byStep,
    add: ({ step: place, attempt, stream, text }) => {
      const step = place.split("#")[0] as string;
      const lines = byStep.get(step) ?? [];
      const pieces = text.split("\n");
      const writer = `${place}/${attempt}/${stream}`;
      if (writing.get(step) === writer)
        lines.push((lines.pop() as string) + (pieces.shift() as string));
      writing.set(step, text.endsWith("\n") ? undefined : writer);
      if (text.endsWith("\n")) pieces.pop();
      lines.push(...pieces);
      byStep.set(
        step,
        lines.slice(-keep).map((line) => line.slice(-MAX_LINE)),
      );
    },
  };
}

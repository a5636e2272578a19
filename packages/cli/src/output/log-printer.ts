import type { LogLine } from "@yardmaster/protocol";
import type { Paint } from "./paint.ts";
import { printableOutput } from "./printable.ts";

export interface LogPrinter {
  add(piece: LogLine): void;
  /** Prints what has no line end yet. */
  flush(): void;
}

export interface LogLook {
  readonly isTerminal: boolean;
  readonly paint: Paint;
  /** Without the step's name before each line: where only one is asked for. */
  readonly isBare?: boolean;
}

/**
 * Puts pieces of logs together to whole lines, each behind the name of its step. Steps that write at once keep
 * their lines apart.
 */
export function createLogPrinter(
  print: (line: string) => void,
  { isTerminal, paint, isBare = false }: LogLook,
): LogPrinter {
  const open = new Map<string, { readonly piece: LogLine; readonly text: string }>();

  function printLine({ step, attempt, stream }: LogLine, text: string): void {
    const safe = isTerminal ? printableOutput(text) : text;
    const line =
      stream === "yard" || stream === "raw"
        ? paint.held(`[yard] ${safe}`)
        : stream === "stderr"
          ? paint.faint(safe)
          : safe;
    const name = attempt > 1 ? `${step} (${attempt})` : step;
    print(isBare ? line : `${paint.faint(`${name} |`)} ${line}`);
  }

  return {
    add: (piece) => {
      const writer = `${piece.step}/${piece.attempt}/${piece.stream}`;
      const lines = ((open.get(writer)?.text ?? "") + piece.text).split("\n");
      const rest = lines.pop() as string;
      for (const line of lines) printLine(piece, line);
      if (rest === "") open.delete(writer);
      else open.set(writer, { piece, text: rest });
    },
    flush: () => {
      for (const { piece, text } of open.values()) printLine(piece, text);
      open.clear();
    },
  };
}

import { AppError } from "@yardmaster/protocol/core";
import type { Io } from "../io.ts";

const ENTER = new Set(["\r", "\n"]);
/** Ctrl-C and Ctrl-D: a terminal in raw mode makes neither a signal nor an end of them. */
const LEAVE = new Set(["\u0003", "\u0004"]);
const ERASE = new Set(["\u007f", "\b"]);
const ERASE_LINE = "\u0015";

/** Asks for one line on the terminal without showing what is typed. @throws AppError `canceled` by Ctrl-C and Ctrl-D */
export async function askHidden(question: string, { stdin, stderr }: Io): Promise<string> {
  stderr.write(question);
  stdin.setRaw(true);
  const typed = await new Promise<string | undefined>((resolve) => {
    const decoder = new TextDecoder();
    let chars: string[] = [];
    const way: { out?: () => void } = {};
    let isOver = false;
    way.out = stdin.read({
      onBytes(bytes) {
        for (const char of decoder.decode(bytes, { stream: true })) {
          if (ENTER.has(char)) return end(chars.join(""));
          if (LEAVE.has(char)) return end(undefined);
          if (ERASE.has(char)) chars.pop();
          else if (char === ERASE_LINE) chars = [];
          else chars.push(char);
        }
      },
      onEnd: () => end(undefined),
    });
    if (isOver) way.out();

    function end(line: string | undefined): void {
      isOver = true;
      way.out?.();
      resolve(line);
    }
  });
  stdin.setRaw(false);
  stderr.write("\n");
  if (typed === undefined) throw new AppError("canceled", "Nothing was set.");
  return typed;
}

import { AppError } from "@yardmaster/protocol/core";
import type { Io } from "../io.ts";

const ENTER = new Set(["\r", "\n"]);
const INTERRUPT = "\u0003";
const END = "\u0004";
const ERASE = new Set(["\u007f", "\b"]);
const ERASE_LINE = "\u0015";

/** Asks for one line on the terminal without showing what is typed. @throws AppError `canceled` by Ctrl-C and Ctrl-D */
export function askHidden(question: string, { stdin, stderr }: Io): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new TextDecoder();
    let chars: string[] = [];
    stderr.write(question);
    stdin.setRaw(true);
    const stop = stdin.read({
      onBytes(bytes) {
        for (const char of decoder.decode(bytes, { stream: true })) {
          if (ENTER.has(char)) return finish(() => resolve(chars.join("")));
          if (char === INTERRUPT || char === END) return cancel();
          if (ERASE.has(char)) chars.pop();
          else if (char === ERASE_LINE) chars = [];
          else chars.push(char);
        }
      },
      onEnd: cancel,
    });

    function finish(settle: () => void): void {
      stop();
      stdin.setRaw(false);
      stderr.write("\n");
      settle();
    }

    function cancel(): void {
      finish(() => reject(new AppError("canceled", "Nothing was set.")));
    }
  });
}

import { AppError } from "@yardmaster/protocol/core";
import type { InputStream } from "../input-stream.ts";

/** What is typed, line by line. */
export interface Lines {
  /** @throws AppError `invalid_request` where nothing more comes */
  next(): Promise<string>;
  close(): void;
}

export function createLines(input: InputStream): Lines {
  const decoder = new TextDecoder();
  let text = "";
  let isOver = false;
  let onMore: (() => void) | undefined;

  const close = input.read({
    onBytes(bytes) {
      text += decoder.decode(bytes, { stream: true });
      onMore?.();
    },
    onEnd() {
      isOver = true;
      onMore?.();
    },
  });

  async function next(): Promise<string> {
    for (;;) {
      const end = text.indexOf("\n");
      if (end >= 0) {
        const line = text.slice(0, end).replace(/\r$/, "");
        text = text.slice(end + 1);
        return line;
      }
      if (isOver) throw new AppError("invalid_request", "Nothing was answered.");
      await new Promise<void>((resolve) => {
        onMore = resolve;
      });
    }
  }

  return { next, close };
}

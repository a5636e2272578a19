import type { InputStream } from "../input-stream.ts";

/** The lines of an input as they come, without their ends; the next is read when it is asked for. */
export async function* readLines(input: InputStream): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  const lines: string[] = [];
  let rest = "";
  let isEnded = false;
  let onMore: (() => void) | undefined;
  let onTaken: (() => void) | undefined;

  function add(text: string): void {
    const pieces = (rest + text).split("\n");
    rest = pieces.pop() as string;
    lines.push(...pieces);
    onMore?.();
  }

  const stop = input.read({
    onBytes: async (bytes) => {
      add(decoder.decode(bytes, { stream: true }));
      if (lines.length > 0)
        await new Promise<void>((resolve) => {
          onTaken = resolve;
        });
    },
    onEnd: () => {
      isEnded = true;
      onMore?.();
    },
  });
  try {
    for (;;) {
      while (lines.length > 0) yield (lines.shift() as string).replace(/\r$/, "");
      onTaken?.();
      if (isEnded) break;
      if (lines.length === 0)
        await new Promise<void>((resolve) => {
          onMore = resolve;
        });
    }
    if (rest !== "") yield rest;
  } finally {
    stop();
  }
}

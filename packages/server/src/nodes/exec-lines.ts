import type { ExecEvent } from "@yardmaster/protocol";

/** A call as JSON lines, asked for as fast as its reader reads. */
export interface ExecLines {
  /**
   * Resolves when the reader has asked for more than this: whoever waits for it before asking the node for more lets a
   * slow reader slow the process.
   */
  push(event: ExecEvent): Promise<void>;
  /** The last event; what comes after it is not told. */
  end(event: ExecEvent): void;
  read(): AsyncGenerator<string, void, undefined>;
}

/** Under what clients and proxies bear of a silent answer (60 s, and 300 s) by a good margin. */
const BEAT_MS = 15_000;

/** While nothing happens an empty line is sent every `beatMs`: a silent command is no dead connection. */
export function createExecLines({ beatMs = BEAT_MS } = {}): ExecLines {
  let waiting: { readonly line: string; readonly taken: () => void }[] = [];
  let isOver = false;
  let isGone = false;
  let wake = (): void => undefined;

  function put(event: ExecEvent, taken: () => void): void {
    if (isGone || isOver) return taken();
    waiting.push({ line: `${JSON.stringify(event)}\n`, taken });
    wake();
  }

  function wokenWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  return {
    push: (event) => new Promise((resolve) => put(event, resolve)),
    end(event) {
      put(event, () => undefined);
      isOver = true;
      wake();
    },
    async *read() {
      try {
        for (;;) {
          const batch = waiting;
          waiting = [];
          if (batch.length > 0) {
            try {
              yield batch.map(({ line }) => line).join("");
            } finally {
              // Also where the reader leaves at this very line.
              for (const { taken } of batch) taken();
            }
          } else if (isOver) return;
          else if (!(await wokenWithin(beatMs))) yield "\n";
        }
      } finally {
        // Whoever stopped reading reads no more: nobody may wait for it.
        isGone = true;
        for (const { taken } of waiting) taken();
      }
    },
  };
}

import type { ExecEvent } from "@yardmaster/protocol";

/** A call as JSON lines, asked for as fast as its reader reads. */
export interface ExecLines {
  /**
   * Resolves when the reader has asked for more than this: whoever waits for it before asking the node for more lets a
   * slow reader slow the process.
   */
  push(event: ExecEvent): Promise<void>;
  /** The last event. */
  end(event: ExecEvent): void;
  /** What went wrong where no end can be told: the reader's connection breaks. */
  fail(error: unknown): void;
  read(): AsyncGenerator<string, void, undefined>;
}

export function createExecLines(): ExecLines {
  let waiting: { readonly line: string; readonly taken: () => void }[] = [];
  let isOver = false;
  let isGone = false;
  let failure: unknown;
  let wake = (): void => undefined;

  function put(event: ExecEvent, taken: () => void): void {
    if (isGone) return taken();
    waiting.push({ line: `${JSON.stringify(event)}\n`, taken });
    wake();
  }

  return {
    push: (event) => new Promise((resolve) => put(event, resolve)),
    end(event) {
      put(event, () => undefined);
      isOver = true;
      wake();
    },
    fail(error) {
      failure = error;
      isOver = true;
      wake();
    },
    async *read() {
      try {
        for (;;) {
          const batch = waiting;
          waiting = [];
          if (batch.length > 0) {
            yield batch.map(({ line }) => line).join("");
            for (const { taken } of batch) taken();
          } else if (isOver) {
            if (failure !== undefined) throw failure;
            return;
          } else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      } finally {
        // Whoever stopped reading reads no more: nobody may wait for it.
        isGone = true;
        for (const { taken } of waiting) taken();
      }
    },
  };
}

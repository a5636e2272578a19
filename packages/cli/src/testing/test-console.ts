import type { InputListener, InputStream } from "../input-stream.ts";

/** What a person does at the terminal, or the program before a pipe. */
export interface TestConsole {
  /** Keys that are pressed, or bytes in the pipe. */
  type(bytes: string | Uint8Array): void;
  /** Ctrl-D at the beginning of a line, or the end of the pipe. */
  end(): void;
  interrupt(): void;
  resize(size: { readonly columns: number; readonly rows: number }): void;
  readonly isRaw: boolean;
}

/** stdin for a test: what was typed before somebody reads is kept. */
export function createTestInput(isTTY: boolean, onRaw: (isRaw: boolean) => void) {
  const waiting: Buffer[] = [];
  let listener: InputListener | undefined;
  let isEnded = false;
  let isBusy = false;

  function hand(): void {
    if (listener === undefined || isBusy) return;
    const bytes = waiting.shift();
    if (bytes === undefined) {
      if (isEnded) listener.onEnd();
      return;
    }
    isBusy = true;
    void Promise.resolve(listener.onBytes(bytes)).then(() => {
      isBusy = false;
      hand();
    });
  }

  const input: InputStream = {
    isTTY,
    setRaw: onRaw,
    read: (given) => {
      listener = given;
      hand();
      return () => {
        listener = undefined;
      };
    },
  };
  return {
    input,
    type(bytes: string | Uint8Array): void {
      waiting.push(Buffer.from(bytes as Uint8Array));
      hand();
    },
    end(): void {
      isEnded = true;
      hand();
    },
  };
}

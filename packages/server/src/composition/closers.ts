import type { Logger } from "../telemetry/index.ts";

/** `graceMs`: how long whoever works may go on; 0 once `haste` is aborted. */
export type Close = (graceMs: number, haste: AbortSignal) => Promise<unknown>;

/** What a process has started, to be closed in the opposite order. */
export interface Closers {
  /** Closed before all that was added earlier. */
  add(close: Close): void;
  /** Every part gets its turn, whatever became of the ones before it. */
  closeAll(haste?: AbortSignal): Promise<void>;
}

export function createClosers(log: Pick<Logger, "warn">, graceMs: number): Closers {
  const closers: Close[] = [];
  return {
    add(close) {
      closers.unshift(close);
    },
    async closeAll(haste = new AbortController().signal) {
      for (const close of closers) {
        await close(haste.aborted ? 0 : graceMs, haste).catch((error: unknown) =>
          log.warn({ err: error }, "a part of the server did not stop in order"),
        );
      }
    },
  };
}

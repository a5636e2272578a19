import type { OutputPipe } from "./process/start.ts";

/** What the reader of a pipe elsewhere is told about it. */
export type PipeOrder = "pause" | "resume" | "destroy";

/** This end of a pipe that another process or machine reads: what comes before somebody listens, or in a pause, waits. */
export interface RemotePipe extends OutputPipe {
  push(chunk: Buffer): void;
  /** No more will come. */
  end(): void;
}

/** `onDone` is called once: all was given to the listener, or the pipe was destroyed. */
export function createRemotePipe(
  order: (what: PipeOrder) => void,
  onDone = (): void => {},
): RemotePipe {
  let listener: ((chunk: Buffer) => void) | undefined;
  let endListener = (): void => {};
  let waiting: Buffer[] = [];
  let paused = false;
  let ended = false;
  let done = false;

  const finish = (): void => {
    if (done) return;
    done = true;
    waiting = [];
    onDone();
  };
  const deliver = (): void => {
    while (listener && !paused && waiting.length > 0) listener(waiting.shift() as Buffer);
    if (!ended || done || waiting.length > 0) return;
    finish();
    endListener();
  };

  return {
    push: (chunk) => {
      if (done) return;
      waiting.push(chunk);
      deliver();
    },
    end: () => {
      ended = true;
      deliver();
    },
    on: (event: "data" | "error" | "end", to: (given: never) => void) => {
      if (event === "end") endListener = to as () => void;
      if (event !== "data") return; // Errors of the pipe stay where it is read: to us it ends.
      listener = to as (chunk: Buffer) => void;
      deliver();
    },
    pause: () => {
      if (paused || done) return;
      paused = true;
      if (!ended) order("pause");
    },
    resume: () => {
      if (!paused) return;
      paused = false;
      if (!ended && !done) order("resume");
      deliver();
    },
    destroy: () => {
      if (!ended && !done) order("destroy");
      finish();
    },
  };
}

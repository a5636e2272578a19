import type { OutputPipe, ProcessExit, RunningProcess } from "../start.ts";

/** What the spawner is told about a pipe. */
export type PipeOrder = "pause" | "resume" | "destroy";

/** The server's end of a pipe that the spawner reads: what comes before somebody listens, or in a pause, waits. */
export interface RemotePipe extends OutputPipe {
  push(chunk: Buffer): void;
  /** No more will come. */
  end(): void;
}

/** `onDone` is called once: all was given to the listener, or the pipe was destroyed. */
export function createRemotePipe(order: (what: PipeOrder) => void, onDone: () => void): RemotePipe {
  let listener: ((chunk: Buffer) => void) | undefined;
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
    if (ended && waiting.length === 0) finish();
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
    on: (event: "data" | "error", to: (given: never) => void) => {
      if (event !== "data") return; // Errors of the pipe stay with the spawner: to us it ends.
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

/** A process of the spawner's, as the server sees it. */
export interface RemoteProcess {
  readonly stdout: RemotePipe;
  readonly stderr: RemotePipe;
  started(pid: number): RunningProcess;
  /** The first call counts. */
  exit(exit: ProcessExit): void;
}

export function createRemoteProcess(
  order: (stream: "stdout" | "stderr", what: PipeOrder) => void,
  onClosed: () => void,
): RemoteProcess {
  let tellExit: (exit: ProcessExit) => void;
  let tellClose: () => void;
  const exited = new Promise<ProcessExit>((resolve) => {
    tellExit = resolve;
  });
  const closed = new Promise<void>((resolve) => {
    tellClose = resolve;
  });
  let open = 3; // Two pipes and the process.
  let hasExited = false;
  const oneLess = (): void => {
    open -= 1;
    if (open > 0) return;
    tellClose();
    onClosed();
  };
  const stdout = createRemotePipe((what) => order("stdout", what), oneLess);
  const stderr = createRemotePipe((what) => order("stderr", what), oneLess);
  return {
    stdout,
    stderr,
    started: (pid) => ({
      pid,
      stdout,
      stderr,
      exited,
      closed,
      letGo: () => {}, // The spawner keeps nobody waiting.
    }),
    exit: (exit) => {
      if (hasExited) return;
      hasExited = true;
      tellExit(exit);
      oneLess();
    },
  };
}

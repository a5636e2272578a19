import type { ProcessExit, RunningProcess } from "../process/start.ts";
import { createRemotePipe, type PipeOrder, type RemotePipe } from "../remote-pipe.ts";

/** A process of the spawner's, as the server sees it. */
export interface RemoteProcess {
  readonly stdout: RemotePipe;
  readonly stderr: RemotePipe;
  started(pid: number): RunningProcess;
  /** The first call counts. */
  exit(exit: ProcessExit): void;
}

export function createRemoteProcess(
  {
    order,
    writeStdin,
    endStdin,
  }: {
    readonly order: (stream: "stdout" | "stderr", what: PipeOrder) => void;
    readonly writeStdin: (text: string) => void;
    readonly endStdin: () => void;
  },
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
      writeStdin,
      endStdin,
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

import { type OnBytes, type OutputPipe, openOutputPipe } from "./output-pipe.ts";
import type { PipeFolder } from "./pipe-folder.ts";

/** Most commands end sooner: reading as they write would only cost. Output beyond the pipe's 64 KiB waits so long. */
export const READ_AFTER_MS = 2;

/** The pipes of one process's stdout and stderr. */
export interface Outputs {
  readonly stdout: OutputPipe;
  readonly stderr: OutputPipe;
  start(): void;
  pause(): void;
  resume(): void;
  closeWriters(): void;
  /** Reads all that was written until now; what comes later is dropped. */
  finish(): void;
  destroy(): void;
}

/** Opens two pipes of the folder. */
export async function openOutputs(
  folder: PipeFolder,
  onStdout: OnBytes,
  onStderr: OnBytes,
): Promise<Outputs> {
  const [first = "", second = ""] = await folder.take(2);
  const stdout = openOutputPipe(folder, first, onStdout);
  try {
    return outputsOf({ stdout, stderr: openOutputPipe(folder, second, onStderr) });
  } catch (error) {
    stdout.destroy();
    throw error;
  }
}

function outputsOf({ stdout, stderr }: Pick<Outputs, "stdout" | "stderr">): Outputs {
  const both = (act: (pipe: OutputPipe) => void) => (): void => {
    act(stdout);
    act(stderr);
  };
  return {
    stdout,
    stderr,
    start: both((pipe) => pipe.start()),
    pause: both((pipe) => pipe.pause()),
    resume: both((pipe) => pipe.resume()),
    closeWriters: both((pipe) => pipe.closeWriter()),
    destroy: both((pipe) => pipe.destroy()),
    finish: both((pipe) => pipe.finish()),
  };
}

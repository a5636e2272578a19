import { codeOf } from "../refusal.ts";
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

/** Opens two pipes of the folder. A cleaner of old files may have taken them: then new ones, once. */
export async function openOutputs(
  folder: PipeFolder,
  onStdout: OnBytes,
  onStderr: OnBytes,
): Promise<Outputs> {
  try {
    return outputsOf(await openTwo(folder, onStdout, onStderr));
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    folder.renew();
    return outputsOf(await openTwo(folder, onStdout, onStderr));
  }
}

async function openTwo(folder: PipeFolder, onStdout: OnBytes, onStderr: OnBytes) {
  const [first = "", second = ""] = await folder.take(2);
  const stdout = openOutputPipe(folder, first, onStdout);
  try {
    const stderr = openOutputPipe(folder, second, onStderr);
    return { stdout, stderr };
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

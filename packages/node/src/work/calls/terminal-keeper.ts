import { type InputPipe, openInputPipe } from "../pipes/input-pipe.ts";
import { type OutputPipe, openOutputPipe } from "../pipes/output-pipe.ts";
import type { PipeFolder } from "../pipes/pipe-folder.ts";
import { quote } from "../shell/quote.ts";

/**
 * When the process that leads a terminal ends, the system throws away what has not been read of it. So another
 * leads: it runs the program, tells its exit code by a pipe, and stays until it is let go.
 */
export interface TerminalKeeper {
  readonly file: string;
  readonly args: readonly string[];
  /** The exit code of the program, once it has ended; never where the keeper itself was ended. */
  readonly exitCode: Promise<number>;
  /** All is read: it ends. */
  letGo(): void;
  close(): void;
}

export async function createTerminalKeeper(
  pipes: PipeFolder,
  file: string,
  args: readonly string[],
): Promise<TerminalKeeper> {
  const [status = "", go = ""] = await pipes.take(2);
  let text = "";
  let resolveCode: (code: number) => void = () => {};
  const exitCode = new Promise<number>((resolve) => {
    resolveCode = resolve;
  });
  const reading: OutputPipe = openOutputPipe(pipes, status, (bytes) => {
    text += bytes.toString("latin1");
    if (text.endsWith("\n")) resolveCode(Number(text));
  });
  const release = openBeside(reading, pipes, go);
  reading.start();

  // Ctrl-C is for the program: the keeper is in its group, and only waits.
  const script = `trap : INT QUIT;"$@";printf '%s\\n' "$?" >${quote(status)};read _ <${quote(go)}`;
  return {
    file: "/bin/sh",
    args: ["-c", script, "sh", file, ...args],
    exitCode,
    letGo: () => void release.write(Buffer.from("\n")),
    close() {
      reading.destroy();
      release.destroy();
    },
  };
}

function openBeside(reading: OutputPipe, pipes: PipeFolder, path: string): InputPipe {
  try {
    return openInputPipe(pipes, path);
  } catch (error) {
    reading.destroy();
    throw error;
  }
}

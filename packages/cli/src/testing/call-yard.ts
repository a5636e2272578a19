import type { Io } from "../io.ts";
import { main } from "../main.ts";

export interface YardCall {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallSurroundings {
  readonly env?: Io["env"];
  readonly cwd?: string;
  readonly stdin?: string;
  /** A terminal of this size instead of a pipe. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
  /** Told of everything on stdout as it comes; `interrupt` is Ctrl-C. */
  readonly onStdout?: (text: string, interrupt: () => void) => void;
}

/** One call of `yard` in this process, with its own streams, environment and Ctrl-C. */
export async function callYard(
  argv: readonly string[],
  surroundings: CallSurroundings = {},
): Promise<YardCall> {
  const { env = {}, cwd = "/", stdin = "", terminal, onStdout } = surroundings;
  const written = { stdout: "", stderr: "" };
  let onInterrupt: ((signal: NodeJS.Signals) => void) | undefined;
  const io: Io = {
    env,
    cwd,
    stdout: {
      ...(terminal === undefined ? {} : { isTTY: true, ...terminal }),
      write: (text) => {
        written.stdout += text;
        onStdout?.(text, () => onInterrupt?.("SIGINT"));
      },
    },
    stderr: {
      write: (text) => {
        written.stderr += text;
      },
    },
    readStdin: async () => stdin,
    now: () => Date.parse("2026-01-01T01:00:00.000Z"),
    onInterrupt: (callback) => {
      onInterrupt = callback;
      return () => {
        onInterrupt = undefined;
      };
    },
  };
  const exitCode = await main(argv, io);
  return { exitCode, ...written };
}

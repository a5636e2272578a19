import { type ChildProcess, spawn } from "node:child_process";
import type { CommandLine } from "./command-line.ts";
import type { Environment } from "./environment.ts";

/** All that is needed to start a process. */
export interface ProcessStart extends CommandLine {
  readonly cwd: string;
  readonly env: Environment;
  /** Written to its stdin, which is closed then. */
  readonly stdin: string;
  /** It is not: that is left to `endStdin`. */
  readonly keepsStdin?: boolean;
  /** Whose it is; left out: this process's. */
  readonly uid?: number;
  readonly gid?: number;
}

/** What a process prints on one of its pipes; a `Readable` is one. */
export interface OutputPipe {
  on(event: "data", listener: (chunk: Buffer) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  /** All of it has been given, and nobody has its other end any more. */
  on(event: "end", listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
  /** Reads no more of it: who writes on gets a broken pipe. */
  destroy(): unknown;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** How it ended cannot be known: what would have been told died first. It may run on. */
  readonly lost?: true;
}

export interface ProcessEnds {
  readonly exited: Promise<ProcessExit>;
  /** It has exited, and both of its pipes have been read to their end or destroyed. */
  readonly closed: Promise<void>;
  /** Its end is awaited no longer. */
  letGo(): void;
}

/** A process that was started as the leader of its own group. */
export interface RunningProcess extends ProcessEnds {
  readonly pid: number;
  readonly stdout: OutputPipe;
  readonly stderr: OutputPipe;
  /** More for the stdin of one that keeps it; what it does not read any more is dropped. */
  writeStdin(text: string): void;
  /** Closes the stdin of one that keeps it. */
  endStdin(): void;
}

/** The `code` of the error where it cannot be known whether the process was started: it may run. */
export const START_LOST = "START_LOST";

/** Starts a process, or answers the error why it could not be. Never rejects. */
export type StartProcess = (start: ProcessStart) => Promise<RunningProcess | Error>;

/** Starts it as a child of this process. */
export const startHere: StartProcess = async (start) => {
  const child = await spawnPiped(start);
  if (child instanceof Error) return child;
  feed(child.stdin, start);
  const { pid, stdin, stdout, stderr } = child;
  return {
    pid,
    stdout,
    stderr,
    writeStdin: (text) => writeTo(stdin, text),
    endStdin: () => stdin.end(),
    ...endsOf(child),
  };
};

export type PipedChild = ChildProcess & {
  readonly pid: number;
  readonly stdin: NonNullable<ChildProcess["stdin"]>;
  readonly stdout: NonNullable<ChildProcess["stdout"]>;
  readonly stderr: NonNullable<ChildProcess["stderr"]>;
};

/** The started child, or why it could not be: some of Node's errors are thrown, others emitted. */
export function spawnPiped(
  start: Omit<ProcessStart, "stdin">,
): PipedChild | Error | Promise<Error> {
  try {
    const child = spawn(start.file, start.args, {
      cwd: start.cwd,
      env: start.env,
      ...(start.uid !== undefined && { uid: start.uid }),
      ...(start.gid !== undefined && { gid: start.gid }),
      detached: process.platform !== "win32", // Its own process group.
      windowsHide: true,
    });
    if (isStarted(child)) return child;
    return new Promise((resolve) => child.once("error", resolve));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function isStarted(child: ChildProcess): child is PipedChild {
  return child.pid !== undefined;
}

/** A child that closes its stdin, or ends without reading it, breaks the pipe: its right, and no error. */
export function feed(
  stdin: PipedChild["stdin"],
  start: Pick<ProcessStart, "stdin" | "keepsStdin">,
): void {
  stdin.on("error", ignore);
  stdin.write(start.stdin);
  if (start.keepsStdin === true) return;
  // What fits into the pipe is there by now: closing it spares the shutdown of a stream.
  if (stdin.writableLength === 0) stdin.destroy();
  else stdin.end();
}

/** Its end may have been closed, by either side: nobody reads then. */
export function writeTo(stdin: PipedChild["stdin"], text: string | Buffer): void {
  if (stdin.writable) stdin.write(text);
}

function ignore(): void {}

export function endsOf(child: ChildProcess): ProcessEnds {
  return {
    exited: new Promise((resolve) =>
      child.once("exit", (code, signal) => resolve({ code, signal })),
    ),
    closed: new Promise((resolve) => child.once("close", () => resolve())),
    letGo: () => child.unref(),
  };
}

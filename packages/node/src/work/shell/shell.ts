import { type ChildProcess, spawn } from "node:child_process";
import type { Environment } from "../environment.ts";
import { signalGroup, signalProcess } from "../processes/process-group.ts";
import {
  ABORT_SIGNAL,
  BASH_AFTER_ABORT,
  BASH_BEGINNING,
  bashLine,
  createWordReader,
  posixLine,
  type ShellCall,
  type ShellWord,
} from "./shell-line.ts";
import { type ShellProgram, sessionArguments } from "./shell-program.ts";

/** How a call in a shell ended: as the shell says, or with the shell. */
export type ShellEnd =
  | Exclude<ShellWord, { kind: "begun" }>
  | { readonly kind: "exited"; readonly exitCode: number | null; readonly signal: string | null };

/** One living shell. It carries out one call at a time. */
export interface Shell {
  readonly pid: number;
  readonly isAlive: () => boolean;
  /** Never rejects. */
  run(call: ShellCall, onBegun?: () => void): Promise<ShellEnd>;
  /** Makes the running command end, the shell lives; false where this shell cannot do it. */
  interrupt(): boolean;
  /** The next command begins with what an interrupted one has left undone. */
  afterInterrupt(): void;
  /** TERM kills a shell that cannot be interrupted. */
  signal(signal: "SIGTERM" | "SIGKILL"): void;
  readonly exited: Promise<void>;
}

export interface ShellStart {
  readonly program: ShellProgram;
  readonly cwd: string;
  readonly env: Environment;
}

/** Starts a shell in a session (setsid) of its own, without a terminal; or answers why it could not be. */
export function startShell({ program, cwd, env }: ShellStart): Promise<Shell | Error> {
  let child: ChildProcess;
  try {
    child = spawn(program.path, sessionArguments(program), {
      cwd,
      env,
      detached: true,
      stdio: ["pipe", "pipe", "ignore"],
    });
  } catch (error) {
    return Promise.resolve(error instanceof Error ? error : new Error(String(error)));
  }
  const { pid } = child;
  if (pid === undefined) return new Promise((resolve) => child.once("error", resolve));
  return Promise.resolve(createShell(child, pid, program));
}

interface Running {
  readonly nonce: string;
  readonly onBegun: (() => void) | undefined;
  readonly end: (end: ShellEnd) => void;
}

function createShell(child: ChildProcess, pid: number, program: ShellProgram): Shell {
  let running: Running | undefined;
  let isAlive = true;

  const tell = (text: string): void => void child.stdin?.write(text);
  const end = (how: ShellEnd): void => {
    const ended = running;
    running = undefined;
    ended?.end(how);
  };

  const read = createWordReader((nonce, word) => {
    if (nonce !== running?.nonce) return;
    if (word.kind === "begun") running.onBegun?.();
    else end(word);
  });
  child.stdout?.on("data", read);
  for (const stream of [child.stdin, child.stdout]) {
    stream?.on("error", () => {}); // It has ended: `exit` tells.
  }
  const exited = new Promise<void>((resolve) => {
    child.once("exit", (exitCode, signal) => {
      isAlive = false;
      end({ kind: "exited", exitCode, signal });
      resolve();
    });
  });
  if (program.isBash) tell(BASH_BEGINNING);

  return {
    pid,
    exited,
    isAlive: () => isAlive,
    run(call, onBegun) {
      return new Promise((resolve) => {
        if (!isAlive) return resolve({ kind: "exited", exitCode: null, signal: null });
        running = { nonce: call.nonce, onBegun, end: resolve };
        tell(program.isBash ? bashLine(call) : posixLine(call));
      });
    },
    interrupt: () => program.isBash && isAlive && signalProcess(pid, ABORT_SIGNAL),
    afterInterrupt() {
      if (program.isBash) tell(BASH_AFTER_ABORT);
    },
    signal(signal) {
      if (!isAlive) return;
      if (signal === "SIGKILL") signalGroup(pid, signal);
      signalProcess(pid, signal);
    },
  };
}

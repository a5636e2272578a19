import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import type { Environment } from "../environment.ts";

/** A process to be started: the leader of its session and group, on named pipes. */
export interface StartOrder {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of it. */
  readonly env: Environment;
  /** Paths of pipes. No stdin is an empty one. */
  readonly stdin: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** One that was started. */
export interface Started {
  readonly pid: number;
  /** Never rejects. `lost`: whoever had started it has ended, and nobody hears of its end. */
  readonly exited: Promise<StartedEnd>;
}

export type StartedEnd =
  | { readonly code: number | null; readonly signal: string | null }
  | { readonly lost: true };

/** Answers the error why it could not be, as `spawn` gives it; never rejects. */
export type StartProcess = (order: StartOrder) => Promise<Started | Error>;

/** What starting needs of Node. */
export type System = Readonly<{
  spawn: typeof spawn;
  openSync: typeof openSync;
  closeSync: typeof closeSync;
  constants: Pick<typeof constants, "O_RDONLY" | "O_WRONLY" | "O_RDWR">;
}>;

/**
 * Uses nothing but its arguments: it also runs where only its text is, in a spawner.
 * @throws Error of some programs that cannot be started; the `error` of the child tells of the others, which have no pid
 */
export function spawnChild(system: System, order: StartOrder): ChildProcess {
  const { spawn, openSync, closeSync, constants } = system;
  const { file, args, stdin, stdout, stderr, cwd, env } = order;
  const opened: number[] = [];
  /** For both directions first: for one alone it would wait for the other end, for ever where the node was killed. */
  const open = (path: string, flags: number): number => {
    opened.push(openSync(path, constants.O_RDWR));
    const fd = openSync(path, flags);
    opened.push(fd);
    return fd;
  };
  try {
    const input = stdin === undefined ? "ignore" : open(stdin, constants.O_RDONLY);
    const outputs = [stdout, stderr].map((path) => open(path, constants.O_WRONLY));
    return spawn(file, args, { cwd, env, detached: true, stdio: [input, ...outputs] });
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/** Starts it as a child of this process. */
export const startHere: StartProcess = (order) => {
  try {
    const child = spawnChild({ spawn, openSync, closeSync, constants }, order);
    const { pid } = child;
    if (pid === undefined) return new Promise((resolve) => child.once("error", resolve));
    const exited = new Promise<StartedEnd>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    return Promise.resolve({ pid, exited });
  } catch (error) {
    return Promise.resolve(error instanceof Error ? error : new Error(String(error)));
  }
};

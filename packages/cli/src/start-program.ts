import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { Io } from "./io.ts";

export interface Launch {
  readonly args: readonly string[];
  readonly io: Pick<Io, "env" | "cwd" | "stderr">;
  /** What it is, for whoever finds it killed: "the server". */
  readonly what: string;
}

/** What a program is asked to stop by, and sees to itself. */
const STOPS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a program of ours (the server, a node) as a child that speaks for itself on this terminal, hands signals on to it,
 * and resolves with its exit code (128 + the signal's number where one ended it). It learns by a channel that we are
 * gone, whatever ended us, and stops then as on a signal.
 */
export function startProgram(entry: string, { args, io, what }: Launch): Promise<number> {
  const child = spawn(process.execPath, [entry, ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...io.env },
    cwd: io.cwd,
  });
  // Ctrl-C reaches the child from the terminal too; a program takes a second signal that comes at once for the same wish.
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of STOPS) process.on(signal, forward);
  return new Promise<number>((done, fail) => {
    child.once("error", fail);
    child.once("exit", (code, signal) => {
      if (signal === null) return done(code ?? 0);
      if (!STOPS.includes(signal)) io.stderr.write(`yard: ${what} ${endedBy(signal)}\n`);
      done(128 + constants.signals[signal]);
    });
  }).finally(() => {
    for (const signal of STOPS) process.off(signal, forward);
  });
}

function endedBy(signal: NodeJS.Signals): string {
  const perhaps = "where nobody sent it, the system has, for want of memory as a rule: see its log";
  return `was ended by ${signal}${signal === "SIGKILL" ? `; ${perhaps}` : ""}`;
}

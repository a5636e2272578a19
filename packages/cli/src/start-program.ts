import { spawn } from "node:child_process";
import { constants } from "node:os";

export interface Launch {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs a program of ours (the server, a node) as a child that speaks for itself on this terminal, hands signals on to it,
 * and resolves with its exit code (128 + the signal's number where one ended it). It learns by a channel that we are
 * gone, whatever ended us, and stops then as on a signal.
 */
export function startProgram(entry: string, { args, env }: Launch): Promise<number> {
  const child = spawn(process.execPath, [entry, ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...env },
  });
  // Ctrl-C reaches the child from the terminal too; a program takes a second signal that comes at once for the same wish.
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, forward);
  return new Promise<number>((done, fail) => {
    child.once("error", fail);
    child.once("exit", (code, signal) =>
      done(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  }).finally(() => {
    for (const signal of signals) process.off(signal, forward);
  });
}

import { spawn } from "node:child_process";
import { AppError } from "@yardmaster/protocol";
import type { SystemUser } from "./system-user.ts";

/** Nothing of PG* or of our own secrets reaches PostgreSQL's environment. */
export function programEnvironment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "SystemRoot", "SYSTEMROOT", "TEMP", "TMP", "windir", "COMSPEC"];
  const environment: NodeJS.ProcessEnv = { LC_ALL: "C", TZ: "UTC" };
  for (const name of kept) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

export function asUser(user: SystemUser | undefined): Partial<SystemUser> {
  return user ? { uid: user.uid, gid: user.gid } : {};
}

/** So much of the end of what a program writes is told. */
const SAID_MOST = 2_000;

/**
 * Runs one of PostgreSQL's programs to its end, in a group of its own: Ctrl-C goes to all of the terminal's, and we stop
 * in order. @throws AppError `unavailable` with what it wrote.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly user: SystemUser | undefined },
): Promise<void> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: programEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    windowsHide: true,
    ...asUser(options.user),
  });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] = (said[name] + text).slice(-SAID_MOST);
    });
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: Error): void =>
      reject(new AppError("unavailable", `${program} failed: ${why}`, { cause }));
    child.once("error", (error) => fail(error.message, error));
    child.once("close", (code, signal) => {
      if (code === 0) return resolve();
      fail(said.stderr.trim() || said.stdout.trim() || `it ended with ${code ?? signal}`);
    });
  });
}

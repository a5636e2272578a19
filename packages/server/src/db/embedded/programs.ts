import { execFile } from "node:child_process";
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

/** Runs one of PostgreSQL's programs to its end. @throws AppError `unavailable` with what it wrote. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly user: SystemUser | undefined },
): Promise<void> {
  const settings = {
    cwd: options.cwd,
    env: programEnvironment(),
    windowsHide: true,
    ...asUser(options.user),
  };
  return new Promise((resolve, reject) => {
    execFile(program, args, settings, (error, stdout, stderr) => {
      if (!error) return resolve();
      const said = stderr.trim() || stdout.trim() || error.message;
      reject(
        new AppError("unavailable", `${program} failed: ${said.slice(-2000)}`, { cause: error }),
      );
    });
  });
}

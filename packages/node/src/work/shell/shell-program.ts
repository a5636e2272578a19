import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The shell of this machine: bash where it is there, else /bin/sh. */
export interface ShellProgram {
  readonly path: string;
  readonly isBash: boolean;
}

export function findShell(pathVariable: string): ShellProgram {
  for (const folder of ["/bin", "/usr/bin", ...pathVariable.split(delimiter)]) {
    const path = join(folder, "bash");
    if (folder.startsWith("/") && isExecutable(path)) return { path, isBash: true };
  }
  return { path: "/bin/sh", isBash: false };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Reads its script from stdin, and nothing of the user's. */
export function sessionArguments({ isBash }: ShellProgram): string[] {
  return isBash ? ["--noprofile", "--norc", "-s"] : ["-s"];
}

/** Runs one command line and ends. */
export function commandArguments({ isBash }: ShellProgram, command: string): string[] {
  return isBash ? ["--noprofile", "--norc", "-c", command] : ["-c", command];
}

/** Runs a file: one argument of a program holds no more than 128 KiB on Linux. */
export function fileArguments({ isBash }: ShellProgram, path: string): string[] {
  return isBash ? ["--noprofile", "--norc", path] : [path];
}

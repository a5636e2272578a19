import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { processCommand } from "../data-folder/process-identity.ts";

/** What `postmaster.pid` says of a PostgreSQL that lives. */
export interface LivingPostmaster {
  readonly pid: number;
  /** Path of the program that it was started with. */
  readonly program: string;
  readonly port: number;
  readonly socketFolder: string;
  readonly stopping: boolean;
}

function lines(dataPath: string): string[] {
  try {
    return readFileSync(join(dataPath, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return [];
  }
}

/**
 * The postmaster of this folder if it lives. A pid alone proves nothing (after a reboot or in a container it is
 * soon somebody else's): the process must be a `postgres` that was started on this very folder.
 */
export function livingPostmaster(dataPath: string): LivingPostmaster | undefined {
  const [pidText, , , port, socketFolder = "", , , status = ""] = lines(dataPath);
  const pid = Number(pidText);
  const program = Number.isInteger(pid) && pid > 1 ? programOn(dataPath, pid) : undefined;
  if (program === undefined) return undefined;
  return { pid, program, port: Number(port), socketFolder, stopping: status.trim() === "stopping" };
}

/** The program path of a process that is a postmaster on `dataPath`; children of one have another title. */
export function programOn(dataPath: string, pid: number): string | undefined {
  const command = processCommand(pid);
  if (command === undefined || !command.includes(dataPath)) return undefined;
  if (process.platform === "linux") {
    const [program = "", flag, folder] = command.split("\0");
    return /(^|\/)postgres$/.test(program) && flag === "-D" && folder === dataPath
      ? program
      : undefined;
  }
  return /^"?(.*?postgres(\.exe)?)"?\s+-D\s/.exec(command)?.[1];
}

/** Above the largest pid of any system. */
const NO_PROCESS = "4194304";

/**
 * When the pid in the file belongs to another process by now, PostgreSQL would refuse to start. The file stays,
 * with a pid that nobody has: from its other lines PostgreSQL sees whether children of a killed postmaster
 * still write to the folder, and waits for them.
 */
export function disownPostmasterFile(dataPath: string): void {
  const [pidText = "", ...rest] = lines(dataPath);
  if (rest.length === 0 || processCommand(Number(pidText)) === undefined) return;
  // The folder is PostgreSQL's user's, who may have put a link there.
  const noFollow = constants.O_NOFOLLOW ?? 0;
  const file = openSync(join(dataPath, "postmaster.pid"), constants.O_WRONLY | noFollow);
  try {
    ftruncateSync(file);
    writeSync(file, [NO_PROCESS, ...rest].join("\n"));
  } finally {
    closeSync(file);
  }
}

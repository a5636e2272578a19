import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { AppError, failureCode } from "@yardmaster/protocol/core";

/**
 * Makes a folder and those above it that are not there, and gives those that it made. As mkdir with `recursive`, which
 * tries for ever where nothing can be made, as below /proc.
 * @throws AppError io_error
 */
export async function makeFolders(path: string): Promise<string[]> {
  return await make(resolve(path)).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AppError("io_error", `The folder ${path} cannot be made: ${why}`, { cause });
  });
}

async function make(folder: string): Promise<string[]> {
  if (await isThere(folder)) return [];
  const above = await make(dirname(folder));
  return (await isMade(folder)) ? [...above, folder] : above;
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(() => true, unless("ENOENT"));
}

/** Not where another process was faster. */
function isMade(folder: string): Promise<boolean> {
  return mkdir(folder).then(() => true, unless("EEXIST"));
}

function unless(code: string): (error: unknown) => false {
  return (error) => {
    if (failureCode(error) === code) return false;
    throw error;
  };
}

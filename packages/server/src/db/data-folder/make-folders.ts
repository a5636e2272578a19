import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { failureCode } from "@yardmaster/protocol";

/**
 * Makes a folder and those above it that are not there; one that is there is left as it is. As mkdir with `recursive`,
 * which tries for ever where nothing can be made, as below /proc.
 * @throws Error of the system
 */
export function makeFolders(path: string, mode: number): void {
  const missing: string[] = [];
  for (let at = resolve(path); !isThere(at); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) make(folder, mode);
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Another process may be making the same. */
function make(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (failureCode(error) !== "EEXIST") throw error;
  }
}

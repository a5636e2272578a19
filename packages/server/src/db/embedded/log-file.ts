import { closeSync, openSync, readFileSync, renameSync, statSync, truncateSync } from "node:fs";

const LARGEST_BYTES = 5 * 1024 * 1024;

/** Opens PostgreSQL's log for appending; one that has grown moves to `.1` first. */
export function openLog(path: string): number {
  if (sizeOf(path) > LARGEST_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, "a", 0o600);
}

/** Keeps the log of a running PostgreSQL bounded: it is open for appending, so it goes on at the start. */
export function boundLog(path: string): void {
  if (sizeOf(path) > LARGEST_BYTES) truncateSync(path);
}

/** What was written since the log had `fromByte` bytes, at most the last 2,000 characters. */
export function logSince(path: string, fromByte: number): string {
  try {
    return readFileSync(path).subarray(fromByte).toString("utf8").slice(-2000).trim();
  } catch {
    return "";
  }
}

export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

export { closeSync as closeLog };

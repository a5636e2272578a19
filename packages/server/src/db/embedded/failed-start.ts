import { AppError } from "@yardmaster/protocol";

/** Children of a killed postmaster, or a start at the same moment, keep a new one out for a while. */
const WILL_PASS =
  /shared memory block .* is still in use|lock file .* already exists|is being used by/;
/** What connections are told while PostgreSQL starts, and when it is gone: no reasons for its end. */
const TOLD_TO_CONNECTIONS =
  /FATAL: {2}(?:the database system is .*|terminating connection due to unexpected postmaster exit)/g;
const DISK_IS_FULL =
  /(?:FATAL|PANIC|ERROR|error): +(.*(?:No space left on device|Disk quota exceeded).*)/;
const A_REASON = /\b(?:FATAL|PANIC|ERROR|could not)\b/;

/** Whether another start may succeed after one that left this in PostgreSQL's log. */
export function mayPass(said: string): boolean {
  return WILL_PASS.test(said) || wasKilled(said);
}

/** What to do about a program of PostgreSQL's that found no room for what it keeps in `home`; undefined: it had another reason. */
export function diskFull(said: string, home: string): AppError | undefined {
  const why = DISK_IS_FULL.exec(said)?.[1];
  if (why === undefined) return undefined;
  const wayOut = "make room there, or set YARD_DATA to a folder on another disk";
  return new AppError(
    "unavailable",
    `PostgreSQL has no room where ${home} lies: ${wayOut} (${why}).`,
  );
}

/** It ended without giving a reason: killed while it started, by the system's out-of-memory killer say. */
function wasKilled(said: string): boolean {
  return !A_REASON.test(said.replace(TOLD_TO_CONNECTIONS, ""));
}

/** Children of a killed postmaster, or a start at the same moment, keep a new one out for a while. */
const WILL_PASS =
  /shared memory block .* is still in use|lock file .* already exists|is being used by/;
/** What connections are told while PostgreSQL starts, and when it is gone: no reasons for its end. */
const TOLD_TO_CONNECTIONS =
  /FATAL: {2}(?:the database system is .*|terminating connection due to unexpected postmaster exit)/g;
const A_REASON = /\b(?:FATAL|PANIC|ERROR|could not)\b/;

/** Whether another start may succeed after one that left this in PostgreSQL's log. */
export function mayPass(said: string): boolean {
  return WILL_PASS.test(said) || wasKilled(said);
}

/** It ended without giving a reason: killed while it started, by the system's out-of-memory killer say. */
function wasKilled(said: string): boolean {
  return !A_REASON.test(said.replace(TOLD_TO_CONNECTIONS, ""));
}

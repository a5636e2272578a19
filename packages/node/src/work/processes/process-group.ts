import { constants } from "node:os";

export type StopSignal = "SIGTERM" | "SIGKILL" | "SIGCONT" | "SIGURG" | "SIGHUP";

/**
 * kill(2) as a number, 0 where it was sent. Mostly nobody is left to get it, and the error that `process.kill`
 * makes of that costs more than the call; the binding below it makes none.
 */
const rawKill: (pid: number, signal: number) => number =
  "_kill" in process && typeof process._kill === "function"
    ? (process._kill as typeof rawKill).bind(process)
    : killOrError;

function killOrError(pid: number, signal: number): number {
  try {
    process.kill(pid, signal);
    return 0;
  } catch {
    return -1;
  }
}

/** Signals one process; false where it is gone or another user's. */
export function signalProcess(pid: number, signal: StopSignal): boolean {
  refuseOurselves(pid);
  return rawKill(pid, constants.signals[signal]) === 0;
}

/** Signals a whole process group, named by its leader; false where nobody is left in it. */
export function signalGroup(group: number, signal: StopSignal): boolean {
  refuseOurselves(group);
  return rawKill(-group, constants.signals[signal]) === 0;
}

/** 0 and 1 would mean our own group, and everybody. */
function refuseOurselves(pid: number): void {
  if (pid <= 1 || pid === process.pid) throw new Error(`${pid} is nobody of ours [node-signal]`);
}

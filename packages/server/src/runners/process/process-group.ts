import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { constants } from "node:os";

/**
 * kill(2) as a number, 0 where it was sent. After nearly every attempt the group is empty, and the error that
 * `process.kill` makes of it costs 60 µs, a twentieth of a process start; the binding below it makes none.
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

/**
 * Sends a signal to a process and all of its group; false where nobody was left to get it (or it may
 * not be sent: the process runs as another user). Processes are started as leaders of their own group.
 */
export function signalGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): boolean {
  if (pid <= 1) throw new Error(`${pid} names no group of ours [runners-group]`);
  if (process.platform === "win32") return endTree(pid, signal);
  return rawKill(-pid, constants.signals[signal]) === 0;
}

/**
 * Whether anybody of a group still runs. Who has ended and was collected by nobody, as in a container without an init,
 * is in the group too, and gets signals: only /proc tells.
 */
export async function groupRuns(pid: number): Promise<boolean> {
  if (process.platform === "win32" || rawKill(-pid, 0) !== 0) return false;
  if (process.platform !== "linux") return true;
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => ""); // It ended meanwhile.
    // pid (name) state parent group …, where the name may hold spaces and parentheses.
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(group) === pid && state !== "Z" && state !== "X") return true;
  }
  return false;
}

/** Windows has no process groups and no TERM: the tree is ended at KILL. */
function endTree(pid: number, signal: "SIGTERM" | "SIGKILL"): boolean {
  if (signal === "SIGTERM") return true;
  const taskkill = spawn("taskkill", ["/pid", String(pid), "/T", "/F"], {
    stdio: "ignore",
    windowsHide: true,
  });
  taskkill.on("error", () => {});
  return false;
}

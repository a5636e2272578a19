import { setTimeout as delay } from "node:timers/promises";
import { failureCode } from "@yardmaster/protocol";
import type { Cluster } from "./cluster.ts";
import { livingPostmaster, programOn } from "./postmaster-file.ts";
import { runProgram } from "./programs.ts";

/** Fast: break off what runs, write everything out. Immediate: like a power cut, replayed at the next start. */
const STEPS = [
  { signal: "SIGINT", withinMs: 30_000 },
  { signal: "SIGQUIT", withinMs: 6_000 },
  { signal: "SIGKILL", withinMs: 2_000 },
] as const;

/** Ends the postmaster of a cluster, if one lives, and returns when it is gone. */
export async function stopPostmaster(
  cluster: Pick<Cluster, "dataPath" | "binaries" | "user">,
): Promise<void> {
  const { dataPath, binaries, user } = cluster;
  const found = livingPostmaster(dataPath);
  if (!found) return;
  if (process.platform === "win32") {
    const stop = ["stop", "-s", "-w", "-m", "fast", "-D", dataPath];
    return runProgram(binaries.pgCtl, stop, { cwd: dataPath, user });
  }
  for (const { signal, withinMs } of STEPS) {
    if (!send(found.pid, signal) || (await isGone(dataPath, found.pid, withinMs))) return;
  }
}

/**
 * Ends a postmaster whose files were deleted: its pid file may be gone, and in order it would wait for what it cannot
 * write any more.
 */
export async function endPostmaster(dataPath: string, pid: number): Promise<void> {
  if (programOn(dataPath, pid) === undefined) return;
  for (const { signal, withinMs } of STEPS.slice(1))
    if (!send(pid, signal) || (await isGone(dataPath, pid, withinMs))) return;
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (failureCode(error) === "ESRCH") return false;
    throw error;
  }
}

async function isGone(dataPath: string, pid: number, withinMs: number): Promise<boolean> {
  for (
    const deadline = performance.now() + withinMs;
    performance.now() < deadline;
    await delay(5)
  ) {
    if (programOn(dataPath, pid) === undefined) return true;
  }
  return false;
}

import { setTimeout as pause } from "node:timers/promises";
import { killMarked, type Marks } from "./orphans.ts";
import { type ProcessStart, type RunningProcess, START_LOST, type StartProcess } from "./start.ts";

/** Between fork and exec, a process does not carry its marks yet: nobody finds it. */
const FORK_TO_EXEC_MS = 250;

/** Starts a process; where it cannot be known whether it was started (see `isLost`), nothing of it runs any more. */
export async function startMarked(
  start: StartProcess,
  given: ProcessStart,
  marks: Marks,
): Promise<RunningProcess | Error> {
  const child = await start(given);
  if (child instanceof Error && isLost(child)) {
    await pause(FORK_TO_EXEC_MS);
    await killMarked(marks);
  }
  return child;
}

/** Whether it may have been started for a moment. */
export function isLost(error: Error): boolean {
  return "code" in error && error.code === START_LOST;
}

import { spawn } from "node:child_process";
import { readlinkSync } from "node:fs";

/** Seconds between two looks. */
const EVERY = "0.2";

/**
 * Calls back when nobody can read any more what is written to stdout, where that is a pipe and the system Linux; else
 * never. Only poll(2) tells it before the next write, which Node has not; `tail -f` of coreutils polls its stdout, and
 * dies of SIGPIPE then. Any other end of it says nothing: it may be another `tail`, or none. Returns the way out.
 */
export function watchReader(onGone: () => void): () => void {
  if (!isPipe()) return () => {};
  // It would keep the pipe open: killed with this process, or by itself when this one was killed.
  const tail = spawn("tail", ["-f", "-s", EVERY, `--pid=${process.pid}`, "/dev/null"], {
    stdio: ["ignore", "inherit", "ignore"],
  });
  const stop = (): void => {
    process.off("exit", stop);
    tail.kill();
  };
  process.once("exit", stop);
  tail.once("exit", (_code, signal) => {
    if (signal === "SIGPIPE") onGone();
  });
  tail.on("error", () => {}).unref();
  return stop;
}

/** One without a name: a named one may get another reader. */
function isPipe(): boolean {
  if (process.platform !== "linux") return false;
  try {
    return readlinkSync("/proc/self/fd/1").startsWith("pipe:");
  } catch {
    return false;
  }
}

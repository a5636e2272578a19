import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { WorkError } from "@yardmaster/protocol";
import { whyMissing } from "./missing-program.ts";

/** What to do about a process that did not start. */
export function startError(cause: unknown, file: string, cwd: string): WorkError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  const details = { file, error: code };
  const error = (message: string): WorkError => ({ code: "process_start", message, details });
  const start = `"${file}" cannot be started`;
  switch (code) {
    case "ENOENT":
      if (!existsSync(cwd)) return error(`${start}: its folder ${cwd} does not exist.`);
      return error(
        file.includes("/")
          ? `${start}: ${whyMissing(resolve(cwd, file))}`
          : `${start}: it is not on the PATH of the worker. Install it there, or give its full path.`,
      );
    case "EACCES":
    case "EPERM":
      return error(
        // Said too of a program that is nowhere, where the worker may not look into a folder of its PATH.
        code === "EACCES" && !file.includes("/")
          ? `${start}: it is not on the PATH of the worker, or what is there is closed to it. Install it there, or give its full path.`
          : `${start}: it is not executable by the worker. Make it so (chmod +x), or name its interpreter.`,
      );
    case "ENOEXEC":
      return error(
        `${start}: it is no program of this machine. Give it a first line (#!), or name its interpreter.`,
      );
    case "E2BIG":
      return error(
        `${start}: its arguments and environment are too long. Pass data as input (stdin), long scripts as entry.`,
      );
    default:
      return error(`${start}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

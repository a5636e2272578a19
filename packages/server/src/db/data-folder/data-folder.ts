import { randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { AppError, failureCode, machineWayOut } from "@yardmaster/protocol";
import { makeFolders } from "./make-folders.ts";

/**
 * Creates the data folder for its owner alone (0700) and gives its real path.
 * @throws AppError `invalid_setting` where it cannot be made, belongs to somebody else, or is a folder in use
 * that others may enter (narrowing, say, /tmp would break the machine).
 */
export function ensureDataFolder(path: string): string {
  try {
    makeFolders(path, 0o700);
    if (!statSync(path).isDirectory()) throw new Error("it is no folder");
    if (process.platform !== "win32") requirePrivate(path);
    return realpathSync(path);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const what = `The data folder ${path} cannot be used (${(cause as Error).message})`;
    const wayOut = wayOutOf(cause, path) ?? "set YARD_DATA to a folder that this user owns";
    throw new AppError("invalid_setting", `${what}: ${wayOut}.`, { cause });
  }
}

/** Of a disk that is full, read-only or broken. */
function wayOutOf(cause: unknown, path: string): string | undefined {
  return machineWayOut({ code: failureCode(cause), path }, "YARD_WORKER_PROCESSES");
}

function requirePrivate(path: string): void {
  if ((statSync(path).mode & 0o077) === 0) {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } else if (readdirSync(path).length === 0) {
    chmodSync(path, 0o700);
  } else {
    const what = `Other users may enter the data folder ${path}.`;
    throw new AppError("invalid_setting", `${what} If it is Yardmaster's own: chmod 700 ${path}`);
  }
}

/**
 * Writes a file that only its owner can read, whole or not at all, for readers at any moment.
 * @throws AppError `unavailable` that names the file and says what to do, which the system's own does not
 */
export function writePrivateFile(path: string, text: string): void {
  const draft = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: "wx", flush: true });
    renameSync(draft, path);
  } catch (cause) {
    rmSync(draft, { force: true });
    const what = `${path} cannot be written (${(cause as Error).message})`;
    const wayOut = wayOutOf(cause, path) ?? "see that this user may write there";
    throw new AppError("unavailable", `${what}: ${wayOut}.`, { cause });
  }
}

/** The parsed JSON of a file, or undefined where there is none. Throws on a file that is not JSON. */
export function readJsonFile(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (failureCode(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid_setting", `${path} is damaged: it is not valid JSON.`, { cause });
  }
}

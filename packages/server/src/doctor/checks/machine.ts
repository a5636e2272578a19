import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Check } from "@yardmaster/protocol";
import { bad, ok, warn } from "../check.ts";

const OLDEST_NODE = [20, 19] as const;
const GIB = 2 ** 30;
/** PostgreSQL's log alone may take 1 GiB between two checkpoints. */
const LITTLE_BYTES = 2 * GIB;
const TOO_LITTLE_BYTES = GIB / 4;

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  if (!isOld) return ok("node", `Node.js ${version}`);
  const needed = OLDEST_NODE.join(".");
  return bad("node", `Node.js ${version} is too old`, `install Node.js ${needed} or later`);
}

/** A folder that is not there yet is made by the first start; then the one above it is what counts. */
export function dataFolderCheck(path: string): Check {
  if (!existsSync(path)) {
    const above = nearestFolder(path);
    return isWritable(above)
      ? ok("data.folder", `${path} is not there yet; the first start makes it`)
      : bad("data.folder", `${path} cannot be made`, `make ${above} writable, or set YARD_DATA`);
  }
  const { mode, uid } = statSync(path);
  const user = process.getuid?.();
  if (!isWritable(path))
    return bad(
      "data.folder",
      `${path} is not writable for this user`,
      `start as its owner${user === undefined ? "" : ` (uid ${uid})`}, or set YARD_DATA`,
    );
  if (process.platform !== "win32" && (mode & 0o077) !== 0)
    return bad("data.folder", `other users may enter ${path}`, `chmod 700 ${path}`);
  return ok("data.folder", `${path} is its owner's alone`);
}

export interface Programs {
  /** Of this process; undefined on Windows. */
  readonly uid: number | undefined;
  /** Roles of this process: only a worker starts programs. */
  readonly roles: readonly string[];
  /** `YARD_RUN_AS`. */
  readonly runAs: string | undefined;
}

/** As whom the programs of packs run, where that is root. Else nothing is said. */
export function programsChecks({ uid, roles, runAs }: Programs): Check[] {
  if (uid !== 0 || runAs !== undefined || !roles.includes("worker")) return [];
  return [
    warn(
      "programs.user",
      "the programs of packs run as root: they may read and change all of this machine, the data folder with its keys included",
      'useradd --system --create-home yard-runs, and start with YARD_RUN_AS=yard-runs; see "As whom" in docs/how-to/workers.md',
    ),
  ];
}

export function diskCheck(check: string, path: string): Check {
  const folder = nearestFolder(path);
  const { bavail, bsize } = statfsSync(folder);
  return freeSpace(check, folder, bavail * bsize);
}

export function freeSpace(check: string, folder: string, freeBytes: number): Check {
  const free = `${(freeBytes / GIB).toFixed(1)} GiB free where ${folder} lies`;
  const advice = "make room: when the disk is full, nothing can be stored and everything waits";
  if (freeBytes < TOO_LITTLE_BYTES) return bad(check, free, advice);
  return freeBytes < LITTLE_BYTES ? warn(check, free, advice) : ok(check, free);
}

function nearestFolder(path: string): string {
  let at = path;
  while (!existsSync(at) && at !== dirname(at)) at = dirname(at);
  return at;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

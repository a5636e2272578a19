import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

/** Variables that all must stand in a process's environment, as it was started. */
export type Marks = Readonly<Record<string, string>>;

const GIVE_UP_MS = 5_000;
const PAUSE_MS = 10;

/**
 * Kills every process of this machine that a session's attempts started and that still runs, and waits
 * (5 s at most) until they are gone. Answers how many there were. A restarted worker calls it for its
 * predecessor's session, before that session's work is given out again.
 */
export function killOrphansOfSession(session: string): Promise<number> {
  if (session === "") return Promise.resolve(0); // Would be every child of a worker without one.
  return killMarked({ YARD_SESSION: session });
}

/**
 * The same by any marks. It looks again until it finds none: a process may fork between look and kill.
 * Members of `groupKilled`, a group that got KILL a moment ago, are waited for and not counted.
 * Processes of other users, and those that cleared their environment, are not found.
 */
export async function killMarked(marks: Marks, groupKilled?: number): Promise<number> {
  const wanted = Object.entries(marks).map(([name, value]) => `${name}=${value}`);
  const killed = await killWhere((has) => wanted.every(has) || undefined, groupKilled);
  return killed.size;
}

/** Whether a process has an entry `NAME=value` in its environment. */
export type Has = (entry: string) => boolean;

/** The same of all for whom `whose` says something, which is asked again just before the kill. Answers what it said. */
export async function killWhere<T>(
  whose: (has: Has) => T | undefined,
  groupKilled?: number,
): Promise<Map<number, T>> {
  const killed = new Map<number, T>();
  const giveUpAt = performance.now() + GIVE_UP_MS;
  for (;;) {
    let left = 0;
    for (const { pid, group, has } of await processesWith((has) => whose(has) !== undefined)) {
      const owner = whose(has);
      if (owner === undefined) continue;
      left += 1;
      if (group !== groupKilled) killed.set(pid, owner);
      kill(pid);
    }
    if (left === 0 || performance.now() > giveUpAt) return killed;
    await pause(PAUSE_MS);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone meanwhile.
  }
}

interface Found {
  readonly pid: number;
  readonly group: number;
  readonly has: Has;
}

async function processesWith(wanted: (has: Has) => boolean): Promise<Found[]> {
  if (process.platform === "linux") return inProc(wanted);
  return process.platform === "win32" ? [] : inPs(wanted);
}

/** Read without blocking the event loop: /proc/<pid>/environ waits on a process that is stuck in the system. */
async function inProc(wanted: (has: Has) => boolean): Promise<Found[]> {
  const found: Found[] = [];
  for (const name of await readdir("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid <= 1 || pid === process.pid) continue;
    // A zombie's environment reads as empty: it counts as gone.
    const entries = `\0${await readProc(name, "environ")}`;
    const has: Has = (entry) => entries.includes(`\0${entry}\0`);
    if (!wanted(has)) continue;
    // pid (name) state parent group …, where the name may hold spaces and parentheses.
    const stat = await readProc(name, "stat");
    const group = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
    found.push({ pid, group, has });
  }
  return found;
}

function readProc(pid: string, file: "environ" | "stat"): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, "utf8").catch(() => ""); // Gone, or another user's.
}

const run = promisify(execFile);

/** BSD and macOS: `e` prints the environment after the command, separated by spaces. */
async function inPs(wanted: (has: Has) => boolean): Promise<Found[]> {
  const { stdout } = await run("ps", ["axeww", "-o", "pid=,pgid=,command="], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout
    .split("\n")
    .map((line) => {
      const [pid = 0, group = 0] = line.trim().split(/\s+/, 2).map(Number);
      return { pid, group, has: (entry: string) => ` ${line} `.includes(` ${entry} `) };
    })
    .filter(({ pid, has }) => pid > 1 && pid !== process.pid && wanted(has));
}

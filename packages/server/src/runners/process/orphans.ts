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
  const killed = new Set<number>();
  const giveUpAt = performance.now() + GIVE_UP_MS;
  for (;;) {
    const found = await marked(marks);
    for (const { pid, group } of found) {
      if (group !== groupKilled) killed.add(pid);
      kill(pid);
    }
    if (found.length === 0 || performance.now() > giveUpAt) return killed.size;
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
}

async function marked(marks: Marks): Promise<Found[]> {
  const wanted = Object.entries(marks).map(([name, value]) => `${name}=${value}`);
  if (process.platform === "linux") return markedInProc(wanted);
  return process.platform === "win32" ? [] : markedInPs(wanted);
}

/** Read without blocking the event loop: /proc/<pid>/environ waits on a process that is stuck in the system. */
async function markedInProc(wanted: readonly string[]): Promise<Found[]> {
  const found: Found[] = [];
  for (const name of await readdir("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid <= 1 || pid === process.pid) continue;
    // A zombie's environment reads as empty: it counts as gone.
    const entries = `\0${await readProc(name, "environ")}`;
    if (!wanted.every((entry) => entries.includes(`\0${entry}\0`))) continue;
    // pid (name) state parent group …, where the name may hold spaces and parentheses.
    const stat = await readProc(name, "stat");
    const group = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
    found.push({ pid, group });
  }
  return found;
}

function readProc(pid: string, file: "environ" | "stat"): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, "utf8").catch(() => ""); // Gone, or another user's.
}

const run = promisify(execFile);

/** BSD and macOS: `e` prints the environment after the command, separated by spaces. */
async function markedInPs(wanted: readonly string[]): Promise<Found[]> {
  const { stdout } = await run("ps", ["axeww", "-o", "pid=,pgid=,command="], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout
    .split("\n")
    .filter((line) => wanted.every((entry) => ` ${line} `.includes(` ${entry} `)))
    .map((line) => line.trim().split(/\s+/, 2).map(Number))
    .map(([pid = 0, group = 0]) => ({ pid, group }))
    .filter(({ pid }) => pid > 1 && pid !== process.pid);
}

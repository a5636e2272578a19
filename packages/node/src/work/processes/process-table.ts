import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { uptime } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";

/** One process of this machine, as it stands in the system's table. */
export interface TableEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** The process that began its session (setsid); 0 where the system does not say. */
  readonly session: number;
  /** For how long it has been running, in milliseconds, to a hundredth of a second; undefined where nobody says. */
  readonly ageMs: number | undefined;
  /** What it was started with, as `NAME=value`; empty for other users' processes and for zombies. */
  readonly environment: string;
}

/** Zombies and kernel threads are left out. Reads all it may: the work of some ten milliseconds, in slices. */
export function processTable(): Promise<TableEntry[]> {
  return process.platform === "linux" ? tableFromProc() : tableFromPs();
}

const SLICE = 100;

async function tableFromProc(): Promise<TableEntry[]> {
  const entries: TableEntry[] = [];
  let read = 0;
  for (const name of await readdir("/proc")) {
    const first = name.charCodeAt(0);
    if (first < 48 || first > 57) continue;
    const entry = entryFromProc(name, uptime());
    if (entry !== undefined) entries.push(entry);
    read += 1;
    if (read % SLICE === 0) await nextTurn();
  }
  return entries;
}

/** Of a second, in which Linux tells when a process was started, whatever the kernel counts in. */
const TICKS = 100;

function entryFromProc(name: string, uptimeSeconds: number): TableEntry | undefined {
  const stat = readProc(name, "stat");
  // pid (name) state parent group session …, where the name may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ", 20);
  const [state, parent, group, session] = fields;
  if (state === undefined || state === "" || state === "Z" || state === "X") return undefined;
  return {
    pid: Number(name),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    ageMs: (uptimeSeconds - Number(fields[19]) / TICKS) * 1000,
    environment: readProc(name, "environ"),
  };
}

function readProc(pid: string, file: "stat" | "environ"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return ""; // Gone meanwhile, or another user's.
  }
}

const run = promisify(execFile);

/** BSD and macOS: `e` prints the environment after the command, separated by spaces. */
async function tableFromPs(): Promise<TableEntry[]> {
  const columns = "pid=,ppid=,pgid=,state=,command=";
  const { stdout } = await run("ps", ["axeww", "-o", columns], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, group, state, rest] =
      /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || state?.startsWith("Z") !== false) return [];
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: 0,
      ageMs: undefined,
      environment: (rest ?? "").replaceAll(" ", "\0"),
    };
  });
}

/** The value of a variable in a process's environment, as it was started. */
export function variableOf(entry: TableEntry, name: string): string | undefined {
  const { environment } = entry;
  const head = `${name}=`;
  const at = environment.startsWith(head) ? 0 : environment.indexOf(`\0${head}`) + 1;
  if (at === 0 && !environment.startsWith(head)) return undefined;
  const end = environment.indexOf("\0", at);
  return environment.slice(at + head.length, end === -1 ? undefined : end);
}

import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";

/** A process that is told apart from a later one with the same number. */
export interface ProcessId {
  readonly pid: number;
  /** Opaque: equal only for the same process since the same boot of the machine. */
  readonly startId: string;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function output(command: string, args: readonly string[]): string | undefined {
  try {
    const text = execFileSync(command, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return text.trim() || undefined;
  } catch {
    return undefined;
  }
}

function linuxStartId(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name, in parentheses, may hold spaces; what follows is field 3 (state) and on. Field 22 is the start.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return undefined;
  return `${linuxNumbering()}:${fields[19]}`;
}

/** Where processes are not in a container, or see into all of them. */
const MACHINE_WIDE = "pid:[4026531836]";

/** Within what a process number means one process: the boot of the machine and, in a container, that. */
function linuxNumbering(): string {
  const boot = read("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
  const space = linuxSpace();
  return space === undefined || space === MACHINE_WIDE ? boot : `${boot}/${space}`;
}

function linuxSpace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return undefined;
  }
}

function windows(pid: number, expression: string): string | undefined {
  const script = `(Get-CimInstance Win32_Process -Filter 'ProcessId=${pid}').${expression}`;
  return output("powershell.exe", ["-NoProfile", "-NonInteractive", "-Command", script]);
}

/** When a living process began, as an opaque text; undefined when there is none (or only a zombie). */
export function processStartId(pid: number): string | undefined {
  if (process.platform === "linux") return linuxStartId(pid);
  if (process.platform === "win32") return windows(pid, "CreationDate.Ticks");
  return output("ps", ["-o", "lstart=", "-p", String(pid)]);
}

export function isSameProcess(id: ProcessId): boolean {
  return processStartId(id.pid) === id.startId;
}

/**
 * True when a process is surely no more. One of another machine, or of a container beside this one, cannot be seen from
 * here, whatever that calls itself: several may have the same host name.
 */
export function isGone(id: ProcessId): boolean {
  return isSeenFromHere(id) && !isSameProcess(id);
}

function isSeenFromHere({ startId }: ProcessId): boolean {
  if (process.platform !== "linux") return true;
  return startId.slice(0, startId.lastIndexOf(":")) === linuxNumbering();
}

/**
 * The command line of a living process, else undefined. On Linux arguments are separated by NUL. Unlike
 * /proc/PID/exe it can be read without a capability (root in a container has no CAP_SYS_PTRACE).
 */
export function processCommand(pid: number): string | undefined {
  if (process.platform === "linux") return read(`/proc/${pid}/cmdline`) || undefined;
  if (process.platform === "win32") return windows(pid, "CommandLine");
  return output("ps", ["-ww", "-o", "command=", "-p", String(pid)]);
}

// What Linux tells about processes, read from /proc.
import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

/** The fields of /proc/PID/stat that follow the command's name, or undefined when it is gone. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

/** Start time in clock ticks since boot: with the pid it names one process for good. */
export function startTicksOf(pid) {
  return statOf(pid)?.[19];
}

export function isRunning({ pid, startTicks }) {
  const stat = statOf(pid);
  return stat !== undefined && stat[19] === startTicks && stat[0] !== "Z";
}

/** A process and all its living descendants. */
export function treeOf(rootPid) {
  const childrenOf = new Map();
  for (const name of readdirSync("/proc")) {
    const parent = /^\d+$/.test(name) ? statOf(name)?.[1] : undefined;
    if (parent === undefined) continue;
    childrenOf.set(Number(parent), [...(childrenOf.get(Number(parent)) ?? []), Number(name)]);
  }
  const tree = [rootPid];
  for (const pid of tree) tree.push(...(childrenOf.get(pid) ?? []));
  return tree;
}

/** CPU seconds that these processes have used, with their ended children that were waited for. */
export function cpuSecondsOf(pids) {
  const ticks = pids.map((pid) =>
    (statOf(pid)?.slice(11, 15) ?? []).reduce((sum, field) => sum + Number(field), 0),
  );
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND;
}

function sumOf(pids, file, pattern) {
  return pids.reduce((sum, pid) => {
    try {
      return sum + Number(pattern.exec(readFileSync(`/proc/${pid}/${file}`, "latin1"))?.[1] ?? 0);
    } catch {
      return sum;
    }
  }, 0);
}

/** Proportional set size: a shared page is divided among all that use it. */
export function pssBytesOf(pids) {
  return sumOf(pids, "smaps_rollup", /^Pss:\s+(\d+)/m) * 1024;
}

/** CPU seconds that all processes of the machine have used since boot. */
export function machineCpuSeconds() {
  const [user, nice, system, , , irq, softirq] = readFileSync("/proc/stat", "latin1")
    .split("\n")[0]
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}

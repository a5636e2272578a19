import { readdirSync, readFileSync } from "node:fs";

/** Living processes for which `matches` holds: it gets the environment and the command line, both split at NUL. */
export function livingProcesses(matches) {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const found = { pid, environ: read(pid, "environ"), command: read(pid, "cmdline") };
    return (found.environ !== "" || found.command !== "") && matches(found) ? [found] : [];
  });
}

/** The parent of a process that lives; undefined when it does not, also where nobody has reaped it yet. */
export function parentOf(pid) {
  const stat = read(pid, "stat");
  const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return stat === "" || state === "Z" || state === "X" ? undefined : Number(parent);
}

function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // Gone meanwhile.
  }
}

/** Whether a process was started by another, itself or through one between them: a spawner. */
export function isOf(pid, ancestor) {
  const parent = parentOf(pid);
  return parent === ancestor || (parent !== undefined && parentOf(parent) === ancestor);
}

export function signal(pid, name) {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

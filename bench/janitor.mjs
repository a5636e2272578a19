// Outlives the bench by a moment. When its standard input ends, for whatever reason (SIGKILL of the
// bench included), it ends every process it was told of and removes every folder.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { isRunning, startTicksOf } from "./processes.mjs";

const GRACE_MS = 10_000;
const processes = [];
const folders = [];

/** Servers of PostgreSQL that detached themselves from a killed parent, by their pid files. */
function postmastersIn(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((path) =>
    path.endsWith("postmaster.pid"),
  );
  return files.map((file) => {
    const pid = Number(readFileSync(`${folder}/${file}`, "utf8").split("\n")[0]);
    return { pid, startTicks: startTicksOf(pid), signal: "SIGINT" };
  });
}

function send(target, signal) {
  if (!isRunning(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch {
    // It ended between the look and the signal.
  }
}

async function end(targets) {
  for (const target of targets) send(target, target.signal);
  for (let waitedMs = 0; targets.some(isRunning) && waitedMs < GRACE_MS; waitedMs += 50) {
    await delay(50);
  }
  for (const target of targets) send(target, "SIGKILL");
}

process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const { folder, ...target } = JSON.parse(line);
  if (folder) folders.push(folder);
  else processes.push(target);
}
await end(processes);
await end(folders.flatMap(postmastersIn));
for (const folder of folders) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

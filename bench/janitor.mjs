// Outlives the bench by a moment. When its standard input ends, for whatever reason (SIGKILL of the
// bench included), it ends every process it was told of and removes every folder.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
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

/** As root the product keeps its own PostgreSQL elsewhere; the data folder says where. */
function homesOf(folder) {
  const record = `${folder}/data/postgres.json`;
  if (!existsSync(record)) return [];
  const home = resolve(`${folder}/data`, JSON.parse(readFileSync(record, "utf8")).home);
  return home.startsWith(`${folder}/`) ? [] : [home];
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
const all = folders.flatMap((folder) => [...homesOf(folder), folder]);
await end(all.flatMap(postmastersIn));
for (const folder of all) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

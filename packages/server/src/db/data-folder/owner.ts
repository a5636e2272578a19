import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import { readJsonFile, writePrivateFile } from "./data-folder.ts";
import { tryOwnerLock } from "./owner.store.ts";
import { isSameProcess, type ProcessId, processStartId } from "./process-identity.ts";

/**
 * One process owns a data folder and its PostgreSQL. `owner.json` gives a second one a clear answer before it
 * touches anything; the lock decides, held on a connection that lives as long as the owner.
 */
function ownerPath(dataFolder: string): string {
  return join(dataFolder, "owner.json");
}

/** Times in RFC 3339. */
interface Stopping {
  readonly since: string;
  /** What it runs may go on until then. */
  readonly until: string;
}

interface Owner extends ProcessId {
  readonly stopping: Stopping | undefined;
}

/** The process that owns the folder now, if it lives. */
export function livingOwner(dataFolder: string): Owner | undefined {
  const found = readJsonFile(ownerPath(dataFolder)) as
    | { pid?: unknown; start_id?: unknown; stopping?: Stopping }
    | undefined;
  if (typeof found?.pid !== "number" || typeof found.start_id !== "string") return undefined;
  const owner = { pid: found.pid, startId: found.start_id, stopping: found.stopping };
  return isSameProcess(owner) ? owner : undefined;
}

/** @throws AppError `conflict` that names the owner and says what to do. */
export function refuseIfOwned(dataFolder: string): void {
  const owner = livingOwner(dataFolder);
  if (owner?.stopping !== undefined) throw ownedStill(dataFolder, owner.pid, owner.stopping);
  if (owner) throw owned(dataFolder, `process ${owner.pid}${whereServed(dataFolder, owner.pid)}`);
}

/** Whoever starts a server a second time mostly looks for the first. A killed one leaves its file. */
function whereServed(dataFolder: string, pid: number): string {
  const served = readJsonFile(join(dataFolder, "server.json")) as
    | { pid?: unknown; url?: unknown }
    | undefined;
  return served?.pid === pid && typeof served.url === "string"
    ? `, which serves ${served.url}`
    : "";
}

/** Tells whoever wants the folder that this process, where it owns it, is stopping. Times in Unix milliseconds. */
export function noteStopping(
  dataFolder: string,
  { sinceMs, untilMs }: { readonly sinceMs: number; readonly untilMs: number },
): void {
  const owner = livingOwner(dataFolder);
  if (owner?.pid !== process.pid) return;
  const [since, until] = [sinceMs, untilMs].map((ms) => new Date(ms).toISOString());
  writeOwner(dataFolder, { stopping: { since, until } });
}

/** A killed predecessor's connection may need a moment to close. */
const PREDECESSOR_GONE_WITHIN_MS = 3_000;

/** Takes the lock on `client` and writes `owner.json`. @throws AppError `conflict` when another process has it. */
export async function claimDataFolder(dataFolder: string, client: ClientBase): Promise<void> {
  const deadline = performance.now() + PREDECESSOR_GONE_WITHIN_MS;
  while (!(await tryOwnerLock(client))) {
    refuseIfOwned(dataFolder);
    if (performance.now() > deadline) throw owned(dataFolder, "another process");
    await delay(20);
  }
  writeOwner(dataFolder, {});
}

function writeOwner(dataFolder: string, more: object): void {
  const owner = { pid: process.pid, start_id: processStartId(process.pid) ?? "", ...more };
  writePrivateFile(ownerPath(dataFolder), `${JSON.stringify(owner)}\n`);
}

export function releaseDataFolder(dataFolder: string): void {
  rmSync(ownerPath(dataFolder), { force: true });
}

function owned(dataFolder: string, owner: string): AppError {
  const what = `The data folder ${dataFolder} is owned by ${owner}.`;
  const hint =
    "Join it with `yard start --roles worker`, stop it first, or use another folder (YARD_DATA).";
  return new AppError("conflict", `${what} ${hint}`);
}

function ownedStill(dataFolder: string, pid: number, { since, until }: Stopping): AppError {
  const what = `The data folder ${dataFolder} is still owned by process ${pid}, which has been stopping since ${since}.`;
  const hint = `What it runs may go on until ${until}, and it is gone a minute later at the latest: wait for it. \`kill ${pid}\` ends the waiting: what runs is broken off, and runs again.`;
  return new AppError("conflict", `${what} ${hint}`);
}

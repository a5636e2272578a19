import { setTimeout as pause } from "node:timers/promises";
import { within } from "../within.ts";
import { markedBy, membersOf, type Owner } from "./members.ts";
import { signalGroup, signalProcess } from "./process-group.ts";
import { processTable, type TableEntry } from "./process-table.ts";

export interface Stopping {
  readonly owner: Owner;
  /** Resolves when what was started itself has ended. */
  readonly ended: Promise<unknown>;
  /** Between TERM and KILL. */
  readonly graceMs: number;
  /** What makes it end besides TERM to its processes. May be called several times. */
  readonly nudge?: () => void;
}

const FIRST_LOOK_MS = 10;
const LAST_LOOK_MS = 500;
const KILL_GIVE_UP_MS = 5_000;

/**
 * TERM to every process of the owner, a grace, KILL to what is left, until none is. Answers the signal that it
 * took. It looks again until it finds nobody: a process may fork between look and signal; but each process gets
 * one TERM, since to many a second one means "at once". Processes that the system does not let go (and other
 * users') are given up after five seconds.
 */
export async function stopMembers(stopping: Stopping): Promise<"SIGTERM" | "SIGKILL"> {
  const { owner, ended, graceMs, nudge } = stopping;
  const graceEnds = performance.now() + graceMs;
  const told: Told = { pids: new Set(), groups: new Set() };
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(lookMs * 2, LAST_LOOK_MS)) {
    if (!hasEnded) nudge?.();
    const left = await termNewMembers(owner, told);
    const restMs = graceEnds - performance.now();
    if (left === 0 && hasEnded) return "SIGTERM";
    if (restMs <= 0) break;
    if (hasEnded) await pause(Math.min(lookMs, restMs));
    else await within(ended, Math.min(lookMs, restMs));
  }
  await killMembers(owner);
  return "SIGKILL";
}

/** KILL to everything with a mark, until nobody is left. Answers who there was. */
export function killMarked(name: string, value: string): Promise<Set<number>> {
  return killUntilGone(async () => markedBy(await processTable(), name, value));
}

/** The same to the members of an owner. */
export function killMembers(owner: Owner): Promise<Set<number>> {
  return killUntilGone(async () => membersOf(await processTable(), owner));
}

async function killUntilGone(look: () => Promise<TableEntry[]>): Promise<Set<number>> {
  const killed = new Set<number>();
  const giveUpAt = performance.now() + KILL_GIVE_UP_MS;
  for (;;) {
    const found = await look();
    for (const { pid } of found) {
      killed.add(pid);
      signalProcess(pid, "SIGKILL");
    }
    if (found.length === 0 || performance.now() > giveUpAt) return killed;
    await pause(FIRST_LOOK_MS);
  }
}

/** Who has had TERM: processes, and groups as a whole. */
interface Told {
  readonly pids: Set<number>;
  readonly groups: Set<number>;
}

/** TERM to members that had none yet. Answers how many members there are. */
async function termNewMembers(owner: Owner, told: Told): Promise<number> {
  const table = await processTable();
  const members = membersOf(table, owner);
  const ours = table.find(({ pid }) => pid === process.pid)?.group;
  const fresh = members.filter((member) => isUntold(member, told));
  const groups = new Set<number>();
  for (const { pid, group } of fresh) {
    told.pids.add(pid);
    const isShared = group === ours || group <= 1 || (owner.sparesRoot && group === owner.root);
    if (isShared) term(pid, signalProcess);
    else groups.add(group);
  }
  // As a whole, so that no fork slips through.
  for (const group of groups) {
    told.groups.add(group);
    term(group, signalGroup);
  }
  return members.length;
}

/** What a process starts after its TERM helps it to tidy up. */
function isUntold({ pid, parent, group }: TableEntry, { pids, groups }: Told): boolean {
  return !pids.has(pid) && !pids.has(parent) && !groups.has(group);
}

function term(id: number, signal: typeof signalGroup): void {
  signal(id, "SIGTERM");
  signal(id, "SIGCONT"); // Who was stopped cannot end.
}

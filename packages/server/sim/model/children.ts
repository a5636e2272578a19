import { pauserOf, type RunEvent } from "@yardmaster/kernel";
import type { FinalStatus, Json, WorkError } from "@yardmaster/protocol";
import type { ChildAct, ChildAtRest, ChildEnd } from "../../src/engine/children/children.store.ts";
import type { RunOp } from "../../src/engine/commit/run-op.types.ts";
import type { ChildLine, Tables } from "./tables.ts";

const LEFT_OVER_MS = 1_000;

export function childrenAtRest(tables: Tables, nowMs: number): ChildAtRest[] {
  return [...tables.children.values()].flatMap((row) => {
    if (row.state !== "started" && !isLeftOver(row, nowMs)) return [];
    return actsOf(tables, row).map((act) => atRest(tables, row, act));
  });
}

export function childrenToFollow(tables: Tables, parentId: string, nowMs: number): ChildAtRest[] {
  return [...tables.children.values()].flatMap((row) => {
    if (row.parentId !== parentId || (row.state === "new" && !isLeftOver(row, nowMs))) return [];
    const acts = actsOf(tables, row).filter((act) => FOLLOWING.has(act));
    return acts.map((act) => atRest(tables, row, act));
  });
}

const FOLLOWING: ReadonlySet<ChildAct> = new Set(["start", "pause", "resume"]);

function isLeftOver({ movedAt }: ChildLine, nowMs: number): boolean {
  return movedAt < nowMs - LEFT_OVER_MS;
}

function actsOf(tables: Tables, { parentId, childId, state }: ChildLine): ChildAct[] {
  const parent = tables.runs.get(parentId);
  if (parent === undefined) return [];
  const child = tables.runs.get(childId);
  const acts: ChildAct[] = [];
  if (state === "ended") acts.push("tell");
  if (state === "new" && parent.canceling) acts.push("withdraw");
  if (state === "new" && !parent.canceling && parent.pausedBy === null) acts.push("start");
  if (child === undefined) return acts;
  if (state === "started" && parent.canceling && !child.canceling) acts.push("cancel");
  if (state === "started" && parent.pausedBy !== null && child.pausedBy === null)
    acts.push("pause");
  if (parent.pausedBy === null && child.pausedBy === pauserOf(parentId)) acts.push("resume");
  return acts;
}

function atRest(tables: Tables, row: ChildLine, act: ChildAct): ChildAtRest {
  const { childId, parentId, slot, number, ref, input } = row;
  const { packDigest = null, traceparent = null } = tables.runs.get(parentId)?.birth ?? {};
  const call = { childId, parentId, slot, number, ref, input: JSON.parse(input) as Json };
  return { ...call, packDigest, traceparent, act };
}

export function withdrawChild(tables: Tables, childId: string, nowMs: number): boolean {
  const row = tables.children.get(childId);
  if (row?.state !== "new") return false;
  move(row, "ended", nowMs);
  return true;
}

export function findChild(
  tables: Tables,
  parentId: string,
  slot: string,
  number: number,
): string | undefined {
  return rowOf(tables, parentId, slot, number)?.childId;
}

export function childEnd(tables: Tables, childId: string): ChildEnd | undefined {
  const run = tables.history.get(childId);
  if (run === undefined) return undefined;
  return {
    status: run.status as FinalStatus,
    output: run.output === null ? null : (JSON.parse(run.output) as Json),
    error: run.error === null ? null : (JSON.parse(run.error) as WorkError),
    createdAt: run.birth.createdAt,
    canceledBy: run.status === "canceled" ? cancellerIn(tables, childId) : null,
  };
}

function cancellerIn(tables: Tables, runId: string): string | null {
  const events = (tables.journal.get(runId) ?? []).flatMap(
    (line) => JSON.parse(line.events) as RunEvent[],
  );
  const cancel = events.find((event) => event.type === "cancel_requested");
  return cancel?.by ?? null;
}

/** Whether a child may be born: its row says that it is not, and was not withdrawn, and its parent is not paused. */
export function mayBeBorn(tables: Tables, op: RunOp): boolean {
  const row = tables.children.get(op.runId);
  const parent = row && tables.runs.get(row.parentId);
  const isHeld = parent !== undefined && parent.pausedBy !== null && !parent.canceling;
  return row?.state === "new" && !isHeld;
}

/** What a written op does to the rows of children: its own, and those of the runs that it calls or has heard of. */
export function moveChildren(tables: Tables, op: RunOp, nowMs: number): void {
  const own = op.isChild ? tables.children.get(op.runId) : undefined;
  if (own !== undefined && op.finish !== undefined) move(own, "ended", nowMs);
  else if (own !== undefined && op.create !== undefined) move(own, "started", nowMs);
  for (const child of op.children)
    tables.children.set(child.childId, {
      ...child,
      parentId: op.runId,
      state: "new",
      movedAt: nowMs,
    });
  for (const { slot, number } of op.endedChildren) {
    const row = rowOf(tables, op.runId, slot, number);
    if (row !== undefined) tables.children.delete(row.childId);
  }
}

export function rowOf(
  tables: Tables,
  parentId: string,
  slot: string,
  number: number,
): ChildLine | undefined {
  return [...tables.children.values()].find(
    (row) => row.parentId === parentId && row.slot === slot && row.number === number,
  );
}

function move(row: ChildLine, state: ChildLine["state"], nowMs: number): void {
  row.state = state;
  row.movedAt = nowMs;
}

import type { FinalStatus, Json, WorkError } from "@yardmaster/protocol";
import type { ChildAtRest, ChildEnd } from "../../src/engine/children.store.ts";
import type { RunOp } from "../../src/engine/run-op.types.ts";
import type { ChildLine, Tables } from "./tables.ts";

const LEFT_OVER_MS = 1_000;

export function childrenAtRest(tables: Tables, nowMs: number): ChildAtRest[] {
  return [...tables.children.values()].flatMap((row) => {
    const parent = tables.runs.get(row.parentId);
    if (parent === undefined) return [];
    const isLeftOver = row.state !== "started" && row.movedAt < nowMs - LEFT_OVER_MS;
    const child = tables.runs.get(row.childId);
    const isToStop =
      parent.canceling && row.state === "started" && child !== undefined && !child.canceling;
    if (!isLeftOver && !isToStop) return [];
    const { childId, parentId, slot, number, ref, input, state } = row;
    const { packDigest, traceparent } = parent.birth;
    const call = { childId, parentId, slot, number, ref, input: JSON.parse(input) as Json };
    return [{ ...call, packDigest, traceparent, state, isStopping: parent.canceling }];
  });
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
  };
}

/** Whether a child may be born: its row says that it is not, and was not withdrawn. */
export function mayBeBorn(tables: Tables, op: RunOp): boolean {
  return tables.children.get(op.runId)?.state === "new";
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

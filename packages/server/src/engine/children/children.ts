import { type ChildEnded, type Effect, pauserOf, type RunEvent } from "@yardmaster/kernel";
import type { Json, WorkError } from "@yardmaster/protocol";
import type { ParentStep, RunOp } from "../commit/run-op.types.ts";
import type { KeptRun } from "../keeper/kept-run.ts";
import type { Posted } from "../keeper/posted.ts";
import type { RunRecord } from "../reading/reading.types.ts";
import { createSetAside } from "../scheduler/set-aside.ts";
import type { ChildAtRest, ChildEnd, ChildRow, ChildStore } from "./children.store.ts";

export interface ChildrenDeps {
  readonly store: ChildStore;
  readonly post: (runId: string, event: RunEvent) => Promise<Posted>;
  /** Writes the birth of a child; does nothing where it is born already, or withdrawn. */
  readonly start: (child: ChildRow) => Promise<void>;
  readonly onError: (error: unknown, what: string) => void;
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
}

const BATCH = 200;

/**
 * Runs that are steps of others. The advance of the parent writes a row for each; here it is born, stopped, paused with
 * its parent, and its end told to that, at once by the process that has committed the cause. Whatever a dead process
 * has left undone `sweep` does: each act is guarded by the row's state, or may be done twice.
 */
export function createChildren(deps: ChildrenDeps) {
  const { store } = deps;
  const unseen = createSetAside(deps.monotonicMs);

  /** After an advance of a run: the children that it asked for. */
  function startAll(parent: KeptRun, op: RunOp): void {
    for (const { childId, slot, number, ref, input } of op.children) {
      const { id: parentId, packDigest, traceparent } = parent;
      const call = { childId, parentId, slot, number, ref, input: JSON.parse(input) as Json };
      attempt(
        () => deps.start({ ...call, packDigest, traceparent }),
        `run ${childId} could not be started`,
      );
    }
  }

  function stop(parentId: string, { slot, number }: Extract<Effect, { type: "stop_child" }>): void {
    attempt(async () => {
      const childId = await store.findChild(parentId, slot, number);
      if (childId === undefined) return;
      if (await store.withdrawChild(childId))
        await tellEnd(childId, { runId: parentId, slot, number });
      else await cancel(childId, parentId);
    }, `a run of ${parentId} could not be stopped`);
  }

  function ended(
    { id, status, output, error, created_at }: RunRecord,
    parent: ParentStep,
    canceledBy: string | null,
  ): void {
    const end = {
      status: status as ChildEnd["status"],
      output,
      error,
      createdAt: new Date(created_at),
      canceledBy,
    };
    attempt(
      () => post(parent, id, end),
      `run ${parent.runId} could not be told that ${id} has ended`,
    );
  }

  /** Sees to what is left over. */
  async function sweep(): Promise<void> {
    await moveAll(await store.childrenAtRest(BATCH, unseen.ids()));
  }

  /** After the pause of a run, or its end: the children do as it does. */
  function follow(parentId: string): void {
    attempt(
      async () => await moveAll(await store.childrenToFollow(parentId)),
      `the runs of ${parentId} could not be told of its pause`,
    );
  }

  async function moveAll(rows: readonly ChildAtRest[]): Promise<void> {
    await Promise.all(
      rows.map((row) =>
        moveOn(row).catch((error: unknown) => {
          unseen.note(row.childId, error);
          deps.onError(error, `run ${row.childId} could not be seen to; trying again`);
        }),
      ),
    );
  }

  async function moveOn(row: ChildAtRest): Promise<void> {
    const { act, childId, parentId, slot, number } = row;
    const parent = { runId: parentId, slot, number };
    switch (act) {
      case "start":
        return await deps.start(row);
      case "tell":
        return await tellEnd(childId, parent);
      case "cancel":
        return await cancel(childId, parentId);
      case "withdraw":
        if (await store.withdrawChild(childId)) await tellEnd(childId, parent);
        return;
      case "pause":
        return await changePause(childId, parentId, "paused");
      case "resume":
        return await changePause(childId, parentId, "resumed");
    }
  }

  async function changePause(
    childId: string,
    parentId: string,
    type: "paused" | "resumed",
  ): Promise<void> {
    await deps.post(childId, { type, at: deps.now(), by: pauserOf(parentId) });
  }

  async function cancel(childId: string, parentId: string): Promise<void> {
    await deps.post(childId, { type: "cancel_requested", at: deps.now(), by: `run:${parentId}` });
  }

  async function tellEnd(childId: string, parent: ParentStep): Promise<void> {
    await post(parent, childId, await store.readChildEnd(childId));
  }

  async function post(
    { runId, slot, number }: ParentStep,
    child: string,
    end: ChildEnd | undefined,
  ): Promise<void> {
    const place = { type: "child_ended", slot, number, run: child } as const;
    const drawn = { at: deps.now(), random: deps.random() };
    const event: ChildEnded =
      end === undefined
        ? { ...place, ...drawn, status: "canceled" }
        : {
            ...place,
            ...drawn,
            status: end.status,
            startedAt: end.createdAt.getTime(),
            ...(end.status === "success" ? { output: end.output } : {}),
            ...(end.error === null ? {} : { error: errorOf(end, child, runId) }),
          };
    await deps.post(runId, event);
  }

  function attempt(act: () => Promise<void>, what: string): void {
    // What fails here is left over, and seen to by the next sweep.
    act().catch((error: unknown) => deps.onError(error, what));
  }

  return { startAll, stop, follow, ended, sweep };
}

export type Children = ReturnType<typeof createChildren>;

/**
 * What the step of the parent says of the child's end. "The run was canceled" would be read there as the parent's; where
 * the parent did cancel it, that is what is meant.
 */
function errorOf(
  { status, error, canceledBy }: ChildEnd,
  child: string,
  parentId: string,
): WorkError {
  const own = error as WorkError;
  if (status !== "canceled" || canceledBy === `run:${parentId}`) return own;
  const by = canceledBy === null ? "" : ` by ${canceledBy}`;
  return { ...own, message: `its sub-workflow was canceled${by} (run ${child})` };
}

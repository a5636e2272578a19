import type { AttemptPlace, RunEvent } from "@yardmaster/kernel";
import type { FinalStatus } from "@yardmaster/protocol";
import type { Children } from "../children/children.ts";
import { type Decided, type DispatchRow, isTaken, type RunOp } from "../commit/run-op.types.ts";
import type { OnPoint } from "../points.ts";
import type { RunRecord } from "../reading/reading.types.ts";
import type { Assignment } from "../worker/assignment.ts";
import { assignmentOf } from "./birth.ts";
import { endedRecord, type KeptRun, usesLanes } from "./kept-run.ts";
import { pickedUpMs } from "./picked-up.ts";
import type { Posted } from "./posted.ts";

export interface RunEnded {
  readonly status: FinalStatus;
  /** From its birth to its end, waiting included. */
  readonly tookMs: number;
  /** From its birth to the start of its first attempt, where one started. */
  readonly pickedUpMs: number | undefined;
}

export interface AfterCommitDeps {
  readonly worker: {
    accept(assignment: Assignment, leasedBy: string): void;
    stop(runId: string, slot: string, number: number): void;
    /** `runner`: a RunnerKind, or the target of nodes. */
    backlog(runner: string, queue: string): void;
  };
  readonly children: Pick<Children, "startAll" | "stop" | "follow" | "ended">;
  readonly stoppedUnleased: (runId: string) => Promise<AttemptPlace[]>;
  readonly post: (runId: string, event: RunEvent) => Promise<Posted>;
  readonly canceledEvent: (slot: string, number: number) => RunEvent;
  /** An attempt in a lane ended, or a run left the head of a line: others may be admitted. */
  readonly onLaneFreed: () => void;
  /** A paused run goes on: what it had ready may be given out. */
  readonly onResumed: () => void;
  readonly onDue: (delayMs: number) => void;
  /** `record` makes the record of the run; most ends are awaited by nobody. */
  readonly onEnd: (runId: string, ended: RunEnded, record: () => RunRecord) => void;
  /** Where runs are traced: the same, with the whole run. */
  readonly traceEnd?: ((run: KeptRun, endedAt: Date) => void) | undefined;
  readonly onPoint?: OnPoint | undefined;
  readonly now: () => number;
}

/** Does what follows once an op is durable. Nothing here is needed for it to happen: a restart would find it all. */
export function createAfterCommit(deps: AfterCommitDeps) {
  const { worker, children } = deps;

  function afterCommit(run: KeptRun, decided: Decided, op: RunOp): void {
    deps.onPoint?.(op.stops.length > 0 ? "stop.committed" : "advance.committed");
    let nth = 0;
    for (const effect of decided.effects) {
      if (effect === decided.carried) continue;
      if (effect.type === "dispatch") place(run, effect, op.dispatch[nth++], op.sessionId);
      else if (effect.type === "start_timer") deps.onDue(effect.delayMs);
      else if (effect.type === "stop") worker.stop(run.id, effect.slot, effect.number);
      else if (effect.type === "stop_child") children.stop(run.id, effect);
      else if (effect.type === "finish") tellEnd(run, op.at);
    }
    // Those of a paused run are born when it goes on.
    if (op.children.length > 0 && op.pausedBy === null) children.startAll(run, op);
    if (op.turnsPause && op.finish === undefined) followPause(run.id, op);
    if (usesLanes(run.workflow) && (op.ended.length > 0 || op.finish !== undefined))
      deps.onLaneFreed();
    if (op.stops.length > 0 && op.finish === undefined) void endUnleased(run.id);
  }

  function followPause(runId: string, { pausedBy }: RunOp): void {
    children.follow(runId);
    if (pausedBy === null) deps.onResumed();
  }

  function place(
    run: KeptRun,
    effect: Parameters<typeof assignmentOf>[1],
    row: DispatchRow | undefined,
    sessionId: string,
  ): void {
    if (row === undefined || row.state === "delayed") deps.onDue(effect.delayMs);
    else if (isTaken(row)) worker.accept(assignmentOf(run, effect, deps.now()), sessionId);
    else if (row.state === "ready") worker.backlog(row.runner, row.queue);
  }

  function tellEnd(run: KeptRun, at: Date): void {
    const tookMs = at.getTime() - run.createdAt.getTime();
    const ended = {
      status: run.state.status as FinalStatus,
      tookMs,
      pickedUpMs: pickedUpMs(run.state, run.createdAt),
    };
    deps.onEnd(run.id, ended, () => endedRecord(run, at));
    deps.traceEnd?.(run, at);
    if (run.parent !== null)
      children.ended(endedRecord(run, at), run.parent, run.state.canceledBy ?? null);
  }

  /** Attempts that no worker had when they were stopped end here; should this process die first, recovery does it. */
  async function endUnleased(runId: string): Promise<void> {
    const attempts = await deps.stoppedUnleased(runId).catch(() => []);
    await Promise.all(
      attempts.map(({ slot, number }) =>
        deps.post(runId, deps.canceledEvent(slot, number)).catch(() => undefined),
      ),
    );
  }

  return afterCommit;
}

import { isAppError, type WorkError } from "@yardmaster/protocol";
import { NODE_FLOW, type NodeFrames } from "@yardmaster/protocol/node";
import type { RemoteEnd, RemoteProcess } from "../../runners/index.ts";
import { createFeeding } from "../files/feeding.ts";
import { createFetchBack, type FetchBack } from "../files/fetch-back.ts";
import { type JobEffect, type JobEvent, type JobState, moveJob } from "./job.machine.ts";
import type { JobDeps, JobFrame, JobOrder } from "./job.types.ts";
import { createJobBegin } from "./job-begin.ts";
import { createJobDates } from "./job-dates.ts";
import { createJobDues } from "./job-dues.ts";
import { exitOf, resultEvent } from "./job-end.ts";
import { createJobLog } from "./job-log.ts";
import type { Offered } from "./job-payload.ts";

/** One job on a node, from its offer to its end. `job.machine.ts` says what moves it, and this does what follows. */
export function createJob(deps: JobDeps) {
  const { leaseId, fence, send, isLinked } = deps;
  let state: JobState = "new";
  let timeoutMs = 0;
  let feeding: ReturnType<typeof createFeeding> | undefined;
  let fetching: FetchBack | undefined;
  let settle = (_: RemoteEnd): void => {};
  const settled = new Promise<RemoteEnd>((resolve) => {
    settle = resolve;
  });
  const dues = createJobDues(deps.leaseMs, deps.now);
  const isLacking = (): boolean => feeding?.isLacking() === true;
  const begin = createJobBegin({ isLinked, isLacking, onBegun: deps.onBegun });
  const dates = createJobDates({
    isLinked,
    onUnanswered: () => move({ type: "unanswered" }),
    onOverdue: () => move({ type: "overdue", timeoutMs, isUnfed: !begin.isHeard() && isLacking() }),
  });
  const log = createJobLog({
    ack: (seq) =>
      tell({
        type: "task_log_ack",
        lease_id: leaseId,
        seq,
        credit_bytes: NODE_FLOW.creditBytes,
      }),
  });

  function tell(frame: JobOrder): void {
    send(frame).catch(() => undefined);
  }

  function move(event: JobEvent): void {
    const moved = moveJob(state, event);
    if (moved === undefined) return;
    state = moved.next;
    for (const effect of moved.effects) carryOut(effect);
  }

  function carryOut(effect: JobEffect): void {
    switch (effect.do) {
      case "offer":
        return offer(effect.what);
      case "watch":
        dates.awaitEnd(timeoutMs);
        return begin.watch();
      case "tell_cancel": {
        const how = { reason: "canceled", grace_ms: effect.graceMs } as const;
        return tell({ type: "task_cancel", lease_id: leaseId, ...how });
      }
      case "tell_lost": {
        const why = effect.reason === undefined ? {} : { reason: effect.reason };
        return tell({ type: "task_lost", lease_id: leaseId, fence, ...why });
      }
      case "tell_done":
        return tell({ type: "task_done", lease_id: leaseId, accepted: effect.accepted });
      case "fetch":
        return fetch(effect.result);
      case "note_busy":
        return deps.onBusy();
      case "end":
        return end(effect.how);
    }
  }

  function offer(what: Offered): void {
    timeoutMs = what.payload.timeout_ms;
    feeding = createFeeding({
      ...{ leaseId, packFolder: deps.packFolder, files: what.files, send, isLinked },
      onFlaw: (error) => move({ type: "flawed", error }),
    });
    dates.awaitAnswer();
    // The node's own audit has the job's id: it is the one that ours has.
    const job = { id: leaseId, kind: "process", payload: what.payload };
    const lease = { lease_id: leaseId, fence, attempt: fence, lease_ms: deps.leaseMs };
    send({ type: "task_offer", id: leaseId, ...lease, job, actor: deps.actor }).catch(
      (error: unknown) => {
        // A link that broke may have carried it: the node says when it is back, or its place is given up.
        if (isAppError(error) && error.code === "node_busy") move({ type: "unanswered" });
      },
    );
  }

  function fetch(result: NodeFrames["task_result"]): void {
    const { files } = deps;
    if (files === undefined) return; // Nothing counts as listed then.
    const durationMs = result.duration_ms;
    fetching = createFetchBack(
      {
        ...{ leaseId, files: files.attempt, send, isLinked },
        onEnd: (handed) =>
          move({
            type: "fetched",
            how:
              "code" in handed
                ? { kind: "not_handed_back", error: handed, durationMs }
                : { ...exitOf(result), files: handed },
          }),
      },
      result.files,
    );
    fetching.begin();
  }

  function end(how: RemoteEnd): void {
    dates.stop();
    begin.stop();
    feeding?.stop();
    fetching?.stop();
    log.end();
    deps.onEnded(how);
    settle(how);
  }

  /** False: nothing that was asked for, and so counted against the node's rate. */
  function onFrame(frame: JobFrame): boolean {
    switch (frame.type) {
      case "task_accept":
        move({ type: "accepted" });
        return dues.once(frame.type);
      case "task_reject":
        move({ type: "rejected", reason: frame.reason, detail: frame.detail });
        return dues.once(frame.type);
      case "task_need":
        feeding?.want(frame.files);
        return dues.once(frame.type);
      case "task_renew":
        renew();
        return dues.renewal();
      case "task_log":
        begin.heard();
        return log.take(frame);
      case "task_result":
        move(resultEvent(frame, deps.files?.globs ?? []));
        return dues.once(frame.type);
      case "task_file_data":
        return fetching?.take(frame) === true;
      case "task_file_ack":
        return feeding?.ack(frame) === true;
    }
  }

  function renew(): void {
    if (state === "over") tell({ type: "task_lost", lease_id: leaseId, fence });
    else if (deps.isRenewed()) tell({ type: "task_renewed", lease_id: leaseId, fence });
  }

  const isRunning = (): boolean => state === "running" || state === "stopping";
  const process: RemoteProcess = {
    stdout: log.stdout,
    stderr: log.stderr,
    ended: settled,
    stop: (reason) => move({ type: reason }),
  };
  return {
    process,
    fence,
    offer: (what: Offered | { readonly error: WorkError }): void =>
      move("error" in what ? { type: "flawed", ...what } : { type: "prepared", what }),
    onFrame,
    isRunning,
    /** The node is needed for it still: it runs there, or its files are there. */
    isAtWork: () => isRunning() || state === "fetching",
    /** A link stands again over which the node still has it. */
    resumed(): void {
      dues.linked();
      log.linked();
      feeding?.linked();
      move({ type: "linked" });
      fetching?.resume();
    },
    /** The node does not have it (any more), or will not come back to it. */
    lose: () => move({ type: "gone" }),
  };
}

export type Job = ReturnType<typeof createJob>;

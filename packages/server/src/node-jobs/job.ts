import { isAppError, type WorkError } from "@yardmaster/protocol";
import { NODE_FLOW, type NodeFrames } from "@yardmaster/protocol/node";
import type { RemoteEnd, RemoteProcess } from "../runners/index.ts";
import { createFeeding } from "./feeding.ts";
import { collectedFlaw, createFetchBack, type FetchBack } from "./fetch-back.ts";
import type { JobDeps, JobFrame, JobOrder } from "./job.types.ts";
import { createJobBegin } from "./job-begin.ts";
import { createJobDates } from "./job-dates.ts";
import { createJobDues } from "./job-dues.ts";
import { endOf, exitOf } from "./job-end.ts";
import { createJobLog } from "./job-log.ts";
import type { Offered } from "./job-payload.ts";

/** Reasons of a refusal that say nothing against the job. */
const LATER = new Set(["busy", "draining"]);
const KILL_GRACE_MS = 10_000;

/**
 * One job on a node, from its offer to its end. States: new, offered (until accepted, 10 s), running (the node asks for
 * the files that it lacks, then its process runs), fetching (it has succeeded, and what it hands back is brought here),
 * over. `stopping` may come in each. A cut link changes none of them: the job goes on over there, and what was said
 * meanwhile comes again with the next link.
 */
export function createJob(deps: JobDeps) {
  const { leaseId, fence } = deps;
  let state: "new" | "offered" | "running" | "fetching" | "over" = "new";
  let stopping: "cancel" | "lease_lost" | undefined;
  let offered: Offered | undefined;
  let feeding: ReturnType<typeof createFeeding> | undefined;
  let fetching: FetchBack | undefined;
  let settle = (_: RemoteEnd): void => {};
  const settled = new Promise<RemoteEnd>((resolve) => {
    settle = resolve;
  });
  const dues = createJobDues(deps.leaseMs, deps.now);
  const isLacking = (): boolean => feeding?.isLacking() === true;
  const begin = createJobBegin({ isLinked: deps.isLinked, isLacking, onBegun: deps.onBegun });
  const dates = createJobDates({
    isLinked: deps.isLinked,
    onUnanswered: withdraw,
    onOverdue: overdue,
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
    deps.send(frame).catch(() => undefined);
  }

  function end(how: RemoteEnd): void {
    if (state === "over") return;
    state = "over";
    dates.stop();
    begin.stop();
    feeding?.stop();
    fetching?.stop();
    log.end();
    deps.onEnded(how);
    settle(how);
  }

  function offer(what: Offered | { readonly error: WorkError }): void {
    if (state !== "new") return;
    if ("error" in what) return end({ kind: "not_started", error: what.error });
    if (stopping !== undefined) return end({ kind: "canceled", durationMs: 0 });
    state = "offered";
    offered = what;
    const { packFolder, send, isLinked } = deps;
    feeding = createFeeding({
      ...{ leaseId, packFolder, files: what.files, send, isLinked },
      onFlaw: neverStarts,
    });
    dates.awaitAnswer();
    // The node's own audit has the job's id: it is the one that ours has.
    const job = { id: leaseId, kind: "process", payload: what.payload };
    const lease = { lease_id: leaseId, fence, attempt: fence, lease_ms: deps.leaseMs };
    deps.send({ type: "task_offer", id: leaseId, ...lease, job }).catch((error: unknown) => {
      // A link that broke may have carried it: the node says when it is back, or its place is given up.
      if (isAppError(error) && error.code === "node_busy") withdraw();
    });
  }

  /** No answer: the node may have it all the same, and is told that it has not. */
  function withdraw(): void {
    if (state !== "offered") return;
    tell({ type: "task_lost", lease_id: leaseId, fence, reason: "withdrawn" });
    deps.onBusy();
    end({ kind: "given_back", isRefused: false });
  }

  /** False: nothing that was asked for, and so counted against the node's rate. */
  function onFrame(frame: JobFrame): boolean {
    switch (frame.type) {
      case "task_accept":
        accepted();
        return dues.once(frame.type);
      case "task_reject":
        rejected(frame.reason, frame.detail);
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
        ended(frame);
        return dues.once(frame.type);
      case "task_file_data":
        return fetching?.take(frame) === true;
      case "task_file_ack":
        return feeding?.ack(frame) === true;
    }
  }

  /** Its process was not begun and will not be: the node is told to forget it. */
  function neverStarts(error: WorkError, reason = "not_fed"): void {
    tell({ type: "task_lost", lease_id: leaseId, fence, reason });
    end({ kind: "not_started", error });
  }

  function accepted(): void {
    if (state !== "offered") return;
    state = "running";
    dates.awaitEnd(offered?.payload.timeout_ms ?? 0);
    begin.watch();
    if (stopping !== undefined) tellStop();
  }

  function overdue(): void {
    const durationMs = offered?.payload.timeout_ms ?? 0;
    const isFetching = state === "fetching";
    if (!isFetching && !begin.isHeard() && isLacking()) {
      const message = "Its files were not all on the node within a minute of its timeout.";
      return neverStarts({ code: "timed_out", message }, "overdue");
    }
    tell({ type: "task_lost", lease_id: leaseId, fence, reason: "overdue" });
    if (!isFetching) return end({ kind: "timed_out", durationMs });
    const message = "Its files could not be brought from the node within a minute of its timeout.";
    end({ kind: "not_handed_back", error: { code: "timed_out", message }, durationMs });
  }

  function rejected(reason: string, detail: string | undefined): void {
    if (state !== "offered") return;
    if (LATER.has(reason)) {
      deps.onBusy();
      return end({ kind: "given_back", isRefused: true });
    }
    const why = detail === undefined || detail === "" ? reason : `${reason}: ${detail}`;
    const message = `The node refused the job: ${why}.`;
    end({ kind: "not_started", error: { code: "process_start", message, details: { reason } } });
  }

  function renew(): void {
    if (state === "over") tell({ type: "task_lost", lease_id: leaseId, fence });
    else if (deps.isRenewed()) tell({ type: "task_renewed", lease_id: leaseId, fence });
  }

  function ended(frame: NodeFrames["task_result"]): void {
    // Said again over another link; `resumed` goes on.
    if (state === "fetching") return;
    const { files } = deps;
    const hands = files !== undefined && files.globs.length > 0 && frame.status === "succeeded";
    if (state === "over" || !hands) return done(endOf(frame));
    const durationMs = frame.duration_ms;
    const flaw = collectedFlaw(files.globs, frame.files);
    if (flaw !== undefined) return done({ kind: "not_handed_back", error: flaw, durationMs });
    if (stopping !== undefined) return done({ kind: "canceled", durationMs });
    state = "fetching";
    fetching = createFetchBack(
      {
        leaseId,
        files: files.attempt,
        send: deps.send,
        isLinked: deps.isLinked,
        onEnd: (handed) =>
          done(
            "code" in handed
              ? { kind: "not_handed_back", error: handed, durationMs }
              : { ...exitOf(frame), files: handed },
          ),
      },
      frame.files,
    );
    fetching.begin();
  }

  /** The node keeps the job's folder until it hears this. */
  function done(how: RemoteEnd): void {
    tell({ type: "task_done", lease_id: leaseId, accepted: state !== "over" });
    end(how);
  }

  function stop(reason: "cancel" | "lease_lost"): void {
    if (state === "over") return;
    stopping = reason;
    if (reason === "lease_lost") {
      tell({ type: "task_lost", lease_id: leaseId, fence });
      end({ kind: "lost" });
    } else if (state === "offered") {
      // It may begin in this very moment; a node that has begun says so and is stopped then.
      tellStop(0);
    } else if (state === "running") tellStop();
    else if (state === "fetching") done({ kind: "canceled", durationMs: 0 });
    else end({ kind: "canceled", durationMs: 0 });
  }

  function tellStop(graceMs = KILL_GRACE_MS): void {
    tell({ type: "task_cancel", lease_id: leaseId, reason: "canceled", grace_ms: graceMs });
  }

  const process: RemoteProcess = {
    stdout: log.stdout,
    stderr: log.stderr,
    ended: settled,
    stop,
  };
  return {
    process,
    fence,
    offer,
    onFrame,
    isOver: () => state === "over",
    isRunning: () => state === "running",
    /** The node is needed for it still: it runs there, or its files are there. */
    isAtWork: () => state === "running" || state === "fetching",
    /** A link stands again over which the node still has it. */
    resumed(): void {
      dues.linked();
      log.linked();
      feeding?.linked();
      if (state === "offered") accepted();
      fetching?.resume();
      if (stopping === "cancel") tellStop();
    },
    /** The node does not have it (any more), or will not come back to it. */
    lose: () =>
      end(state === "offered" ? { kind: "given_back", isRefused: false } : { kind: "lost" }),
  };
}

export type Job = ReturnType<typeof createJob>;

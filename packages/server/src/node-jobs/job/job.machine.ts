import type { WorkError } from "@yardmaster/protocol";
import type { NodeFrames } from "@yardmaster/protocol/node";
import type { RemoteEnd } from "../../runners/index.ts";
import type { Offered } from "./job-payload.ts";

/**
 * new: until what it needs is gathered, and it is offered. offered: until its node takes or refuses it, says nothing for
 * 10 s, or is gone. unwanted: offered and canceled; the node says nothing, or that it has begun. running: until the node
 * says how it ended, is gone, or is overdue. stopping: the same, and the node was told to stop it. fetching: it has
 * succeeded; until what it hands back is here, or cannot be. over: nothing leaves it. A cut link changes none of them:
 * the job goes on over there, and what was said meanwhile comes again with the next link.
 */
export type JobState =
  | "new"
  | "offered"
  | "unwanted"
  | "running"
  | "stopping"
  | "fetching"
  | "over";

export type JobEvent =
  | { readonly type: "prepared"; readonly what: Offered }
  /** It cannot begin: it cannot be offered as it is, or a file of it cannot be given to the node. */
  | { readonly type: "flawed"; readonly error: WorkError }
  | { readonly type: "unanswered" }
  | { readonly type: "accepted" }
  | { readonly type: "rejected"; readonly reason: string; readonly detail: string | undefined }
  | { readonly type: "overdue"; readonly timeoutMs: number; readonly isUnfed: boolean }
  | { readonly type: "ended"; readonly how: RemoteEnd }
  /** It has succeeded, and lists what it hands back. */
  | { readonly type: "listed"; readonly result: NodeFrames["task_result"] }
  | { readonly type: "fetched"; readonly how: RemoteEnd }
  | { readonly type: "cancel" }
  | { readonly type: "lease_lost" }
  /** Another link stands, over which the node still has it. */
  | { readonly type: "linked" }
  /** The node does not have it (any more), or will not come back to it. */
  | { readonly type: "gone" };

/** What is to be done, in this order. */
export type JobEffect =
  | { readonly do: "offer"; readonly what: Offered }
  /** It runs over there: its begin and its time are watched. */
  | { readonly do: "watch" }
  | { readonly do: "tell_cancel"; readonly graceMs: number }
  /** The node is told to forget it. */
  | { readonly do: "tell_lost"; readonly reason?: string }
  /** The node keeps the job's folder until it hears this. */
  | { readonly do: "tell_done"; readonly accepted: boolean }
  | { readonly do: "fetch"; readonly result: NodeFrames["task_result"] }
  /** The node would not take it now. */
  | { readonly do: "note_busy" }
  | { readonly do: "end"; readonly how: RemoteEnd };

/** Undefined: it changes nothing. */
type JobMove = { readonly next: JobState; readonly effects: readonly JobEffect[] } | undefined;
type Handler<E extends JobEvent> = (event: E) => JobMove;
type Row = { readonly [T in JobEvent["type"]]: Handler<Extract<JobEvent, { type: T }>> };

const KILL_GRACE_MS = 10_000;
/** Reasons of a refusal that say nothing against the job. */
const LATER = new Set(["busy", "draining"]);

const none = (): JobMove => undefined;

const OFFERED: Row = {
  prepared: none,
  flawed: neverStarts,
  unanswered: withdraw,
  accepted: () => ({ next: "running", effects: [{ do: "watch" }] }),
  rejected,
  overdue: none,
  ended: done,
  listed: fetchListed,
  fetched: none,
  // It may begin in this very moment; a node that has begun says so and is stopped then.
  cancel: () => ({ next: "unwanted", effects: [{ do: "tell_cancel", graceMs: 0 }] }),
  lease_lost: loseLease,
  linked: () => ({ next: "running", effects: [{ do: "watch" }] }),
  gone: () => over({ kind: "given_back", isRefused: false }),
};

const RUNNING: Row = {
  prepared: none,
  flawed: neverStarts,
  unanswered: none,
  accepted: none,
  rejected: none,
  overdue: runOverdue,
  ended: done,
  listed: fetchListed,
  fetched: none,
  cancel: tellStop,
  lease_lost: loseLease,
  linked: none,
  gone: lose,
};

/** What each state makes of each event. A missing pair does not compile. */
const TABLE: { readonly [S in JobState]: Row } = {
  new: {
    prepared: ({ what }) => ({ next: "offered", effects: [{ do: "offer", what }] }),
    flawed: ({ error }) => over({ kind: "not_started", error }),
    unanswered: none,
    accepted: none,
    rejected: none,
    overdue: none,
    ended: none,
    listed: none,
    fetched: none,
    cancel: () => over({ kind: "canceled", durationMs: 0 }),
    lease_lost: loseLease,
    linked: none,
    gone: lose,
  },
  offered: OFFERED,
  unwanted: { ...OFFERED, accepted: stopBegun, listed: leaveListed, linked: stopBegun },
  running: RUNNING,
  stopping: { ...RUNNING, listed: leaveListed, linked: tellStop },
  fetching: {
    prepared: none,
    flawed: neverStarts,
    unanswered: none,
    accepted: none,
    rejected: none,
    overdue: fetchOverdue,
    // Said again over another link.
    ended: none,
    listed: none,
    fetched: done,
    cancel: () => done({ how: { kind: "canceled", durationMs: 0 } }),
    lease_lost: loseLease,
    linked: none,
    gone: lose,
  },
  over: {
    prepared: none,
    flawed: none,
    unanswered: none,
    accepted: none,
    rejected: none,
    overdue: none,
    ended: refuse,
    listed: refuse,
    fetched: none,
    cancel: none,
    lease_lost: none,
    linked: none,
    gone: none,
  },
};

export function moveJob(state: JobState, event: JobEvent): JobMove {
  const handler = TABLE[state][event.type] as Handler<JobEvent>;
  return handler(event);
}

function over(how: RemoteEnd, ...before: readonly JobEffect[]): JobMove {
  return { next: "over", effects: [...before, { do: "end", how }] };
}

function neverStarts({ error }: { readonly error: WorkError }, reason = "not_fed"): JobMove {
  return over({ kind: "not_started", error }, { do: "tell_lost", reason });
}

/** No answer: the node may have it all the same, and is told that it has not. */
function withdraw(): JobMove {
  const told: JobEffect = { do: "tell_lost", reason: "withdrawn" };
  return over({ kind: "given_back", isRefused: false }, told, { do: "note_busy" });
}

function rejected({ reason, detail }: Extract<JobEvent, { type: "rejected" }>): JobMove {
  if (LATER.has(reason)) return over({ kind: "given_back", isRefused: true }, { do: "note_busy" });
  const why = detail === undefined || detail === "" ? reason : `${reason}: ${detail}`;
  const message = `The node refused the job: ${why}.`;
  return over({
    kind: "not_started",
    error: { code: "process_start", message, details: { reason } },
  });
}

function stopBegun(): JobMove {
  const effects: readonly JobEffect[] = [
    { do: "watch" },
    { do: "tell_cancel", graceMs: KILL_GRACE_MS },
  ];
  return { next: "stopping", effects };
}

function tellStop(): JobMove {
  return { next: "stopping", effects: [{ do: "tell_cancel", graceMs: KILL_GRACE_MS }] };
}

function loseLease(): JobMove {
  return over({ kind: "lost" }, { do: "tell_lost" });
}

function lose(): JobMove {
  return over({ kind: "lost" });
}

function runOverdue({ timeoutMs, isUnfed }: Extract<JobEvent, { type: "overdue" }>): JobMove {
  if (!isUnfed) {
    const how: RemoteEnd = { kind: "timed_out", durationMs: timeoutMs };
    return over(how, { do: "tell_lost", reason: "overdue" });
  }
  const message = "Its files were not all on the node within a minute of its timeout.";
  return neverStarts({ error: { code: "timed_out", message } }, "overdue");
}

function fetchOverdue({ timeoutMs }: Extract<JobEvent, { type: "overdue" }>): JobMove {
  const message = "Its files could not be brought from the node within a minute of its timeout.";
  const error: WorkError = { code: "timed_out", message };
  const how: RemoteEnd = { kind: "not_handed_back", error, durationMs: timeoutMs };
  return over(how, { do: "tell_lost", reason: "overdue" });
}

function done({ how }: { readonly how: RemoteEnd }): JobMove {
  return over(how, { do: "tell_done", accepted: true });
}

function fetchListed({ result }: Extract<JobEvent, { type: "listed" }>): JobMove {
  return { next: "fetching", effects: [{ do: "fetch", result }] };
}

/** It was canceled: nobody wants what it hands back. */
function leaveListed({ result }: Extract<JobEvent, { type: "listed" }>): JobMove {
  return done({ how: { kind: "canceled", durationMs: result.duration_ms } });
}

function refuse(): JobMove {
  return { next: "over", effects: [{ do: "tell_done", accepted: false }] };
}

import type { AttemptEnded } from "@yardmaster/kernel";
import type { NotBegun, StopReason } from "../../runners/index.ts";
import { attemptKey } from "../attempt-row.ts";
import type { Posted } from "../keeper/posted.ts";
import type { OnPoint } from "../points.ts";
import type { Timers } from "../scheduler/timers.ts";
import type { Assignment, Outcome } from "./assignment.ts";
import { type ClaimSources, createClaimLoop } from "./claim-loop.ts";
import { endedAttempt, NEVER_BEGUN, postEnd, postingWhile } from "./ended-attempt.ts";
import { createRest, REST_MS } from "./rest.ts";
import { INSTANT, isInstant, kindOf, type RunnerKind } from "./runner-kind.ts";

export interface WorkerDeps extends ClaimSources {
  /** Runs one attempt to its end; never rejects. */
  readonly carryOut: (
    assignment: Assignment,
    signal: AbortSignal,
    onBegun?: () => void,
    atOnce?: AbortSignal,
  ) => Outcome | Promise<Outcome>;
  readonly post: (runId: string, event: AttemptEnded) => Promise<Posted>;
  readonly onPoint?: OnPoint | undefined;
  readonly onError: (error: unknown, what: string) => void;
  /** Of this process's session now. */
  readonly sessionId: () => string;
  /** False: what is taken now may be with another process in a moment. */
  readonly mayTake: () => boolean;
  readonly timers: Timers;
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
}

export interface WorkerOptions {
  readonly capacity: { readonly [R in RunnerKind]: number };
}

interface Running {
  readonly assignment: Assignment;
  readonly abort: AbortController;
  /** Ends the grace of a cancel: a signal that was given cannot be given again with another reason. */
  readonly atOnce: AbortController;
  readonly done: Promise<void>;
}

/** Of instant attempts: nothing can stop what ends as it starts, and a controller for each would cost more than they do. */
const NEVER_ABORTED = new AbortController();

/**
 * From TERM to KILL for what still runs at the end of the grace of a stop: as long as a cancel gives a process, and no
 * more, whatever its runner would give.
 */
export const LAST_GRACE_MS = 10_000;

/**
 * Leases attempts as it has room and carries them out. An attempt that this process inserts may be leased as it is
 * inserted (`reserve`), but only while nothing older is known to wait: the last claim came back short and no row
 * was inserted as ready since. Instant ones hold nobody up, so they are taken all the same; as rows they
 * would call every other process, and each of those calls would turn more of them into rows. Where the machine cannot
 * begin a process it gives it back, and rests from processes (see `createRest`).
 */
export function createWorker(deps: WorkerDeps, options: WorkerOptions) {
  const free = { ...options.capacity };
  const running = new Map<string, Running>();
  let open = false;
  const rest = createRest({
    ...{ timers: deps.timers, monotonicMs: deps.monotonicMs, onRoom: () => claims.wake() },
    onFirst: tellRest,
  });
  const claims = createClaimLoop({
    ...deps,
    ...{ free, room, accept, mayBegin, isOpen: () => open },
  });
  const posting = { ...deps, again: postingWhile(() => open, deps.timers) };

  function mayBegin(): boolean {
    return open && deps.mayTake();
  }

  function tellRest(why: NotBegun): void {
    const most = REST_MS.most / 1_000;
    const what = `attempts of processes are given back: this worker takes none for ${REST_MS.first / 1_000} s, tries one, and so on after up to ${most} s; ${why.wayOut}`;
    deps.onError(why, what);
  }

  function room(kind: RunnerKind): number {
    return kind === "process" ? rest.roomOf(free.process) : free[kind];
  }

  function reserve(what: RunnerKind | typeof INSTANT): boolean {
    if (!mayBegin() || !isRoomFor(what)) return false;
    free[what === INSTANT ? "core" : what]--;
    return true;
  }

  function isRoomFor(what: RunnerKind | typeof INSTANT): boolean {
    // A claim under way has all that is free; instant ones need no place beside it, only a bound.
    if (what === INSTANT) return free.core > -options.capacity.core;
    return !claims.isBehind(what) && hasRoom(what);
  }

  /** For what is new: the one that is tried after a rest is of those that wait. */
  function hasRoom(runner: RunnerKind): boolean {
    return open && free[runner] > 0 && (runner !== "process" || rest.isWell());
  }

  function release(runner: RunnerKind): void {
    free[runner]++;
    claims.wake();
  }

  /** Takes an attempt whose place is reserved and whose lease is durable; `leasedBy` is the session that holds it. */
  function accept(assignment: Assignment, leasedBy = deps.sessionId()): void {
    if (!mayBegin() || leasedBy !== deps.sessionId()) {
      // While its flush or claim was under way the worker was told to stop, or its session ended or came into doubt.
      release(kindOf(assignment));
      void report(assignment, leasedBy, { status: "lost", ...NEVER_BEGUN });
      return;
    }
    const abort = isInstant(assignment.step.action) ? NEVER_ABORTED : new AbortController();
    const atOnce = kindOf(assignment) === "process" ? new AbortController() : NEVER_ABORTED;
    const key = attemptKey(assignment);
    const outcome = carryOut(assignment, abort.signal, atOnce.signal);
    deps.onPoint?.("worker.accepted");
    if (!(outcome instanceof Promise)) {
      release(kindOf(assignment));
      void report(assignment, leasedBy, outcome);
      return;
    }
    const done = outcome.then(async (ended) => {
      note(assignment, ended);
      release(kindOf(assignment));
      await report(assignment, leasedBy, ended);
      running.delete(key);
    });
    running.set(key, { assignment, abort, atOnce, done });
  }

  function carryOut(
    assignment: Assignment,
    signal: AbortSignal,
    atOnce: AbortSignal,
  ): ReturnType<WorkerDeps["carryOut"]> {
    if (kindOf(assignment) !== "process") return deps.carryOut(assignment, signal);
    rest.taken();
    return deps.carryOut(assignment, signal, rest.begun, atOnce);
  }

  /** Before its place is free again, or it is taken again by who could not begin it. */
  function note(assignment: Assignment, { notBegun }: Outcome): void {
    if (kindOf(assignment) !== "process") return;
    if (notBegun === undefined) rest.begun();
    else if (open) rest.notBegun(notBegun);
  }

  /** Carries out an attempt that ends as it starts and whose place is reserved; how it ended is to be recorded. */
  function carryOutInstantly(assignment: Assignment): AttemptEnded {
    const outcome = deps.carryOut(assignment, NEVER_ABORTED.signal);
    if (outcome instanceof Promise) throw new Error("only core attempts are instant (w6i1)");
    free.core++;
    return ended(assignment, deps.sessionId(), outcome);
  }

  async function report(assignment: Assignment, leasedBy: string, outcome: Outcome): Promise<void> {
    const { runId } = assignment;
    deps.onPoint?.("worker.carried_out");
    if (await postEnd(posting, runId, ended(assignment, leasedBy, outcome)))
      deps.onPoint?.("worker.posted");
  }

  function ended(assignment: Assignment, leasedBy: string, outcome: Outcome): AttemptEnded {
    // Whoever ended the session has killed what it ran: a failure after that is the loss, not the action's.
    const isFailure = outcome.status !== "success" && outcome.status !== "lost";
    const isLost = isFailure && deps.sessionId() !== leasedBy;
    const facts = { worker: leasedBy, at: deps.now(), random: deps.random() };
    const event = endedAttempt(assignment, isLost ? { status: "lost" } : outcome, facts);
    return outcome.status === "lost" && !mayBegin() ? { ...event, givenBack: true } : event;
  }

  /** Breaks off everything at once: the leases are lost, others may run it already. */
  function breakOff(): void {
    for (const { abort, atOnce } of running.values()) {
      abort.abort("lease_lost" satisfies StopReason);
      if (atOnce !== NEVER_ABORTED) atOnce.abort();
    }
  }

  /** The grace of a stop is over: what runs is told to end. What was told before has had its time. */
  function tellToEnd(): void {
    for (const { abort, atOnce } of running.values()) {
      if (!abort.signal.aborted) abort.abort("shutdown" satisfies StopReason);
      else if (atOnce !== NEVER_ABORTED) atOnce.abort();
    }
  }

  return {
    reserve,
    release,
    accept,
    carryOutInstantly,
    backlog: claims.backlog,
    hasRoom,
    poll: claims.poll,
    stop(runId: string, slot: string, number: number): void {
      running.get(attemptKey({ runId, slot, number }))?.abort.abort("cancel" satisfies StopReason);
    },
    breakOff,
    /** Why it takes no processes, or one at a time, and what to do; undefined where it takes all it has room for. */
    resting(): string | undefined {
      const why = rest.why();
      return why && `${why.message}; ${why.wayOut}`;
    },
    start(): void {
      open = true;
      claims.wake();
    },
    /**
     * Takes nothing new; resolves when what runs has ended. After `graceMs` it is told to, and LAST_GRACE_MS later
     * broken off.
     */
    async drain(graceMs: number): Promise<void> {
      open = false;
      rest.close();
      let cancel = deps.timers.after(graceMs, () => {
        tellToEnd();
        cancel = deps.timers.after(LAST_GRACE_MS, breakOff);
      });
      await claims.idle();
      await Promise.all([...running.values()].map(({ done }) => done));
      cancel();
    },
    running: () => [...running.values()].map(({ assignment }) => assignment),
    free: () => ({ ...free }),
  };
}

export type Worker = ReturnType<typeof createWorker>;

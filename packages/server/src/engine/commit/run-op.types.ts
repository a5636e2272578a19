import type { AttemptPlace, Effect, Reused, RunEvent, RunState } from "@yardmaster/kernel";
import type { INSTANT, RunnerKind } from "../worker/runner-kind.ts";

/** One advance of one run as rows: everything that commits together, guarded by the version it was decided on. */
export interface RunOp {
  readonly opId: string;
  readonly runId: string;
  /** Version of the run that the decision was taken on; 0 creates it. */
  readonly expected: number;
  /**
   * The session that it was decided in, and that takes its attempts. Whoever has another one when it hears that this
   * is durable may not have them any more.
   */
  readonly sessionId: string;
  readonly create?: RunBirth;
  readonly canceling: boolean;
  /** Who paused the run, while it is paused. */
  readonly pausedBy: string | null;
  /** Whether its pause begins or ends with this: what waits of it is `paused`, or `ready` again. */
  readonly turnsPause: boolean;
  /** Whether this session carries out instant attempts of the run from now on; null where that stays as it is. */
  readonly instant: boolean | null;
  /** Whether the workflow uses keyed queues: its end leaves their lines. */
  readonly keyed: boolean;
  readonly events: string;
  readonly decisions: string;
  readonly changes: string;
  readonly finish?: {
    readonly status: string;
    readonly output: string | null;
    readonly outputs: string | null;
    readonly error: string | null;
  };
  /** Whether the run is a step of another, which is to be told of its end. */
  readonly isChild: boolean;
  readonly at: Date;
  readonly ended: readonly EndedAttempt[];
  readonly firedTimers: readonly AttemptPlace[];
  readonly dispatch: readonly DispatchRow[];
  readonly timers: readonly (AttemptPlace & { readonly delayMs: number })[];
  readonly stops: readonly AttemptPlace[];
  /** Runs to be started as steps of this one. */
  readonly children: readonly NewChild[];
  /** Those whose end has been taken. */
  readonly endedChildren: readonly AttemptPlace[];
  /** Questions that are opened, and those that are over. */
  readonly inquiries: readonly NewInquiry[];
  readonly settledInquiries: readonly SettledInquiry[];
}

export interface RunBirth {
  readonly ref: string;
  readonly packDigest: string | null;
  readonly input: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly eventId: string | null;
  readonly rule: string | null;
  readonly retryOf: string | null;
  readonly traceparent: string | null;
  readonly parent: ParentStep | null;
}

/** The step of another run that a run is. */
export interface ParentStep {
  readonly runId: string;
  readonly slot: string;
  readonly number: number;
}

export interface NewChild extends AttemptPlace {
  readonly childId: string;
  readonly ref: string;
  readonly input: string;
}

export interface NewInquiry extends AttemptPlace {
  readonly id: string;
  readonly question: string;
  /** JSON list; null: not assigned. */
  readonly assignedTo: string | null;
  readonly askedAt: Date;
  readonly timeoutMs: number | null;
}

export interface SettledInquiry extends AttemptPlace {
  readonly id: string;
  readonly status: "answered" | "timed_out" | "canceled";
  readonly endedAt: Date;
  readonly answer: string | null;
  readonly answeredBy: string | null;
}

export interface EndedAttempt extends AttemptPlace {
  readonly status: string;
  /** Where its row is. `instant`: it has none, the process that placed it has carried it out. */
  readonly place: "leases" | "dispatch" | "instant";
  readonly worker: string | null;
}

/**
 * `instant`: an attempt that ends as it starts, by the process that commits it; the run's `instant_by` covers it.
 * `leased`: with this process's worker; `ready` and `delayed` wait for one, and `paused` for the end of its run's pause.
 */
export type Placement = "instant" | "leased" | "ready" | "delayed" | "paused";

export interface DispatchRow extends AttemptPlace {
  readonly state: Placement;
  /** A RunnerKind, INSTANT, or the target of nodes (`targetRunner`). */
  readonly runner: string;
  readonly ref: string;
  readonly input: string;
  readonly queue: string;
  readonly key: string | null;
  readonly priority: number;
  readonly delayMs: number;
}

/** Whether this process's worker has the attempt as it is written. */
export function isTaken({ state }: DispatchRow): boolean {
  return state === "leased" || state === "instant";
}

/** Where an attempt goes: `reserve` answers whether this process's worker takes it at once (see `createWorker`). */
export type Reserve = (what: RunnerKind | typeof INSTANT) => boolean;

export interface OpFrame {
  readonly opId: string;
  readonly runId: string;
  readonly expected: number;
  readonly sessionId: string;
  readonly create?: RunBirth;
  readonly keyed: boolean;
  readonly isChild: boolean;
  /** Of a birth: what it takes over from the run that it tries again. */
  readonly reused?: Reused;
  readonly at: Date;
  readonly newId: () => string;
}

/** What an advance recorded and decided. */
export interface Decided {
  readonly events: readonly RunEvent[];
  readonly state: RunState;
  readonly effects: readonly Effect[];
  /** Its pause is over with these events. */
  readonly goesOn?: boolean;
  /** Of the effects, the attempt that has ended with this very advance: the events say how. */
  readonly carried?: Effect;
}

/**
 * Slots of this run whose instant attempts this process is at; undefined where the store names another session, or
 * this one from before the run was folded: then nothing more is placed so.
 */
export type Instants = readonly string[] | undefined;

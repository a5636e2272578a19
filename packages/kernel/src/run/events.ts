import type { FinalStatus, Json, StepFile, WorkError } from "@yardmaster/protocol";

/** The facts that a run is a fold of. They are recorded as they came; times are Unix milliseconds. */
export type RunEvent =
  | AttemptEnded
  | TimerDue
  | ChildEnded
  | InquiryAnswered
  | CancelRequested
  | PauseChanged
  | Abandoned;

/** What was measured of an attempt. */
export interface AttemptFacts {
  readonly exitCode?: number;
  readonly signal?: string;
  readonly pid?: number;
  readonly durationMs: number;
  /** All bytes that came, those beyond a limit included. */
  readonly stdoutBytes?: number;
  readonly stderrBytes?: number;
  readonly stdoutCut?: boolean;
  readonly stderrCut?: boolean;
  /** Processes that had left the process group and outlived the action, ended by the runner. */
  readonly leftBehind?: number;
}

export interface AttemptEnded {
  readonly type: "attempt_ended";
  readonly slot: string;
  /** Must be the slot's newest: an older one is a late writer and changes nothing. */
  readonly number: number;
  readonly status: FinalStatus | "lost";
  /** Of `lost`: its worker stopped in order, or could not begin it. The step ends no workers: not one of three in a row. */
  readonly givenBack?: true;
  /** Of what was given back: it cannot have done anything. */
  readonly begun?: false;
  readonly output?: Json;
  /** What a success of an action with `files` handed back, by path. */
  readonly files?: readonly StepFile[];
  readonly error?: WorkError;
  /** Of one that did something that can be measured: an instant one has none. */
  readonly facts?: AttemptFacts;
  readonly startedAt?: number;
  readonly at: number;
  readonly worker?: string;
  /** 0 to 1, drawn when the attempt ended, for the jitter of its retry. */
  readonly random: number;
}

export interface TimerDue {
  readonly type: "timer_due";
  readonly slot: string;
  readonly number: number;
  readonly at: number;
}

/** A child run has ended; its final status never changes, so that it may be told as often as anybody likes. */
export interface ChildEnded {
  readonly type: "child_ended";
  readonly slot: string;
  readonly number: number;
  /** Id of the child. */
  readonly run: string;
  readonly status: FinalStatus;
  readonly output?: Json;
  readonly error?: WorkError;
  readonly startedAt?: number;
  readonly at: number;
  readonly random: number;
}

/** A person has answered; the answer fits the schema of the question. */
export interface InquiryAnswered {
  readonly type: "inquiry_answered";
  readonly slot: string;
  readonly number: number;
  readonly inquiry: string;
  readonly answer: Json;
  /** Who did: `token:<name>`. */
  readonly by: string;
  /** Of a request with an Idempotency-Key: by this the same request knows its answer again. */
  readonly claim?: string;
  readonly at: number;
  /** It finds no room beside the results of the run: the step fails by this, and the answer is not kept. */
  readonly error?: WorkError;
}

/**
 * From a pause to its end nothing of the run is given to a worker, and no run is born as a step of it; what runs goes
 * on, and time does. A run that is a step of another is paused with it, by `run:ID`.
 */
export interface PauseChanged {
  readonly type: "paused" | "resumed";
  readonly at: number;
  readonly by: string;
}

export interface CancelRequested {
  readonly type: "cancel_requested";
  readonly at: number;
  readonly by: string;
}

/**
 * Somebody asked for its cancel, and nobody had its definition: it has ended as it stood, nothing of its cleanup is
 * done. Stands behind the ends of all that was open, in one advance that no interpreter decided.
 */
export interface Abandoned {
  readonly type: "abandoned";
  readonly at: number;
  readonly by: string;
}

/** Whether an event changed the run, or came too late: its attempt is no longer the slot's newest, or the run has ended. */
export type Verdict = "applied" | "late";

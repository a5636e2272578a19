import type { FinalStatus, FinalStepStatus, Json, StepFile, WorkError } from "@yardmaster/protocol";
import type { AttemptFacts } from "./events.ts";
import type { ReusedParts } from "./reuse/reused.ts";

/**
 * The place of one unit of work: a plain step has one slot, a for_each one for each item, a repeat one for each round.
 * - `idle`: an item whose turn has not come; leaves when a place under `concurrency` opens.
 * - `delayed`: a timer row waits before attempt `number` is started; leaves when it is due, or on stop.
 * - `dispatched`: attempt `number` waits for a worker or is with one; leaves when its end or loss is reported, or on stop.
 * - `timing`: a timer row waits, which is all the work; leaves when it is due, or on stop.
 * - `calling`: a child run is at work; leaves when its end is reported, or on stop.
 * - `asking`: an inquiry is open; leaves when a person has answered, when its time is over, or on stop.
 * - `deciding`: an inquiry asks what is to be done about the loss of the attempt before `number`; leaves by the answer, or on stop.
 * - `stopping`: a stop was asked; leaves when the end or loss of the attempt or child is reported.
 * - the rest are final; nothing leaves them.
 */
export const SLOT_PHASES = [
  "idle",
  "delayed",
  "dispatched",
  "timing",
  "calling",
  "asking",
  "deciding",
  "stopping",
  "stopping_child",
  "success",
  "failed",
  "timed_out",
  "canceled",
] as const;
export type SlotPhase = (typeof SLOT_PHASES)[number];

export interface SlotState {
  readonly phase: SlotPhase;
  /** Number of the newest attempt, from 1; 0 before the first. Never used twice: it is the slot's fence. */
  readonly number: number;
  /** Attempts that count against `retry.attempts`: all that ended but the lost. */
  readonly tries: number;
  /** Losses since the last attempt that was not lost. */
  readonly lostInRow: number;
  /** Rendered when the slot opened, the same for all its attempts. */
  readonly input?: Json;
  /** Rendered with the input: what is put into the work folder of each attempt. */
  readonly filesIn?: readonly StepFile[];
  readonly key?: string;
  /** Rendered with the input, where the step has one of its own. */
  readonly idempotencyKey?: string;
  /** Key of the nodes that may carry it out (`targetKey`); absent: a worker does. */
  readonly target?: string;
  /** When its inquiry was opened, while one is. Unix milliseconds. */
  readonly askedAt?: number;
  readonly output?: Json;
  /** What its success handed back. */
  readonly files?: readonly StepFile[];
  readonly error?: WorkError;
  readonly attempts: readonly AttemptRecord[];
  /** Its result was taken over from the run that this one tries again: it has no attempt of its own. */
  readonly reused?: true;
  /** What undoes it, once that has begun: a slot beside it, since a recorded result never changes. */
  readonly undo?: SlotState;
}

/** One ended try, as the run's history keeps it. Times are Unix milliseconds. */
export interface AttemptRecord {
  readonly number: number;
  readonly status: FinalStatus | "lost";
  readonly startedAt?: number;
  readonly endedAt: number;
  readonly worker?: string;
  /** Id of the child run that it was. */
  readonly run?: string;
  readonly error?: WorkError;
  readonly facts?: AttemptFacts;
}

/**
 * - `pending`: waits for its needs; leaves when they are final (opened, skipped), when a jump passes it by (skipped),
 *   or when the run stops starting steps (canceled).
 * - `active`: has open slots; leaves when all of them are final.
 */
export type StepPhase = "pending" | "active" | FinalStepStatus;

export interface StepState {
  readonly phase: StepPhase;
  /** Of a for_each: what its slots work on, a list for each where they go by groups. */
  readonly items?: readonly Json[];
  readonly slots: readonly SlotState[];
  /** Slots before this one have been opened, or canceled. */
  readonly next: number;
  /** Slots that are neither idle nor final. */
  readonly open: number;
  /** Taken over from the run that this one tries again, as a whole. */
  readonly reused?: true;
  /** Of one that is done again: what succeeded of it before, for the slots that are to do the same. */
  readonly reusable?: ReusedParts;
  readonly output?: Json;
  /** Of an action with `files`: what its success handed back; of a for_each a list for each item. */
  readonly files?: readonly StepFile[] | readonly (readonly StepFile[])[];
  readonly error?: WorkError;
  readonly startedAt?: number;
  readonly endedAt?: number;
}

/**
 * - `running`: starts steps as their needs become final; leaves when all are final (finalizing; undoing, where the
 *   output cannot be rendered), by a failed step, by a cancel, or when its time is over.
 * - `failing`: a step failed: starts nothing new, lets what runs finish; leaves when nothing is active (undoing), by a
 *   cancel, or when its time is over.
 * - `canceling`: everything open was asked to stop; leaves when nothing is active (undoing; finalizing, where it was
 *   handling).
 * - `timing_out`: its time is over, everything open was asked to stop; leaves when nothing is active (undoing), or by a
 *   cancel.
 * - `undoing`: undoes what succeeded, the last first, one at a time; leaves when that is done (handling; finalizing,
 *   where it was canceled). A cancel takes the handling away, and nothing else.
 * - `handling`: runs `on_failure`; leaves when its steps are final (finalizing), or by a cancel.
 * - `finalizing`: runs `finally`; leaves when its steps are final (ended), and in no other way.
 * - `ended`: final. Nothing leaves it.
 */
export const RUN_PHASES = [
  "running",
  "failing",
  "canceling",
  "timing_out",
  "undoing",
  "handling",
  "finalizing",
  "ended",
] as const;
export type RunPhase = (typeof RUN_PHASES)[number];

const STARTING: { readonly [P in RunPhase]: boolean } = {
  running: true,
  failing: false,
  canceling: false,
  timing_out: false,
  undoing: true,
  handling: true,
  finalizing: true,
  ended: false,
};

/** Whether a run in this phase starts work. */
export function isStarting(phase: RunPhase): boolean {
  return STARTING[phase];
}

/** The lists of a workflow's steps. */
export type Section = "steps" | "on_failure" | "finally";

/** What expressions may read of the run itself. */
export interface RunFacts {
  readonly id: string;
  readonly ref: string;
  /** RFC 3339. */
  readonly created_at: string;
}

/** Everything the interpreter knows of a run: the fold of its definition, its input and its recorded events. */
export interface RunState {
  readonly facts: RunFacts;
  readonly input: Json;
  readonly phase: RunPhase;
  /** The list whose steps are at work; those of a later one are not in `steps` before their turn. */
  readonly section: Section;
  readonly steps: { readonly [id: string]: StepState };
  /** Steps of the section that are not final. */
  readonly left: number;
  /** What expressions see of the final steps. */
  readonly views: { readonly [id: string]: unknown };
  /** The saved results: the run's `outputs`. */
  readonly vars: { readonly [name: string]: Json };
  /** About what the results of its steps hold, as JSON. */
  readonly resultBytes: number;
  /** Whether the timer of the run's own time waits. */
  readonly timed: boolean;
  /** Slots that succeeded and have an undo, in the order of their ends; undoing takes them from its end. */
  readonly undoable: readonly string[];
  /** Who paused the run, while it is paused. */
  readonly pausedBy?: string;
  /** Who asked for its cancel, where somebody did. */
  readonly canceledBy?: string;
  /** What of the cleanup failed. */
  readonly unclean: readonly Unclean[];
  /** How the run will end, once that is decided; a failed cleanup makes a success a failure. */
  readonly outcome?: FinalStatus;
  readonly status?: FinalStatus;
  readonly output?: Json;
  readonly error?: WorkError;
}

/** A part of the cleanup that failed: `undo of "step"`, `step "id"`. */
export interface Unclean {
  readonly what: string;
  readonly error: WorkError;
}

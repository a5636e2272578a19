import type { FinalStatus, FinalStepStatus, Json, WorkError } from "@yardmaster/protocol";

/**
 * The place of one unit of work: a plain step has one slot, a for_each one for each item.
 * - `idle`: an item whose turn has not come; leaves when a place under `concurrency` opens.
 * - `dispatched`: attempt `number` waits for a worker or is with one; leaves when its end or loss is reported, or on stop.
 * - `timing`: a timer row waits; leaves when it is due, or on stop.
 * - `stopping`: a stop was asked; leaves when the attempt's end or loss is reported.
 * - the rest are final; nothing leaves them.
 */
export const SLOT_PHASES = [
  "idle",
  "dispatched",
  "timing",
  "stopping",
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
  readonly key?: string;
  readonly output?: Json;
  readonly error?: WorkError;
  readonly attempts: readonly AttemptRecord[];
}

/** One ended try, as the run's history keeps it. Times are Unix milliseconds. */
export interface AttemptRecord {
  readonly number: number;
  readonly status: FinalStatus | "lost";
  readonly startedAt?: number;
  readonly endedAt: number;
  readonly worker?: string;
  readonly error?: WorkError;
}

/**
 * - `pending`: waits for its needs; leaves when they are final (opened, skipped), or when the run stops starting steps (canceled).
 * - `active`: has open slots; leaves when all of them are final.
 */
export type StepPhase = "pending" | "active" | FinalStepStatus;

export interface StepState {
  readonly phase: StepPhase;
  readonly items?: readonly Json[];
  readonly slots: readonly SlotState[];
  readonly output?: Json;
  readonly error?: WorkError;
  readonly startedAt?: number;
  readonly endedAt?: number;
}

/**
 * - `running`: starts steps as their needs become final; leaves by ending, by a failed step, or by a cancel.
 * - `failing`: a step failed: starts nothing new, lets what runs finish; leaves when nothing is active (failed), or by a cancel.
 * - `canceling`: every open attempt was asked to stop; leaves when nothing is active (canceled).
 * - `ended`: final. Nothing leaves it.
 */
export const RUN_PHASES = ["running", "failing", "canceling", "ended"] as const;
export type RunPhase = (typeof RUN_PHASES)[number];

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
  readonly steps: { readonly [id: string]: StepState };
  readonly status?: FinalStatus;
  readonly output?: Json;
  readonly error?: WorkError;
}

/** The name of a slot in rows and messages: `step`, or `step#index` for an item. */
export function slotKey(step: string, index: number | undefined): string {
  return index === undefined ? step : `${step}#${index}`;
}

export function parseSlotKey(key: string): { step: string; index: number } {
  const at = key.lastIndexOf("#");
  return at < 0
    ? { step: key, index: 0 }
    : { step: key.slice(0, at), index: Number(key.slice(at + 1)) };
}

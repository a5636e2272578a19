import type { Json, StepFile, WorkError } from "@yardmaster/protocol";
import type { StepState } from "../state.ts";

/** What a new try of a run takes over from it, by step. It stands in the new run's journal: the first may be gone by then. */
export interface Reused {
  /** Of the steps that succeeded. */
  readonly outputs: { readonly [step: string]: Json };
  /** Of those that handed files back. */
  readonly files?: { readonly [step: string]: NonNullable<StepState["files"]> };
  /** Of the steps that failed, where the run went on with that. */
  readonly failures?: { readonly [step: string]: ReusedFailure };
  /** Of the steps that are done again: the items, groups and rounds that succeeded, by their index. */
  readonly parts?: { readonly [step: string]: ReusedParts };
}

export interface ReusedFailure {
  readonly status: "failed" | "timed_out";
  readonly error?: WorkError;
  readonly output?: Json;
  readonly files?: StepState["files"];
  /** Of a for_each whose list was there: how each of its items ended. */
  readonly items?: readonly ReusedEnd[];
}

export interface ReusedEnd {
  readonly status: "success" | "failed" | "timed_out";
  readonly output?: Json;
  readonly files?: readonly StepFile[];
  readonly error?: WorkError;
}

export type ReusedParts = { readonly [index: string]: ReusedPart };

export interface ReusedPart {
  /** Of what it worked on (`sealOf`): one whose seal is another now is done again. */
  readonly seal: string;
  readonly output: Json;
  readonly files?: readonly StepFile[];
}

export const NOTHING_REUSED: Reused = { outputs: {} };

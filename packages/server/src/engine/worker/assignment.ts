import type { AttemptFacts, StepDefinition } from "@yardmaster/kernel";
import type { Json, StepFile, WorkError } from "@yardmaster/protocol";
import type { NotBegun } from "../../runners/index.ts";

/** A leased attempt, ready to be carried out here. */
export interface Assignment {
  readonly runId: string;
  readonly slot: string;
  readonly number: number;
  readonly step: StepDefinition;
  readonly input: Json;
  /** What is put into its work folder, where its step takes files. */
  readonly files?: readonly StepFile[];
  /** Where its step has one of its own. */
  readonly idempotencyKey?: string;
  readonly traceparent: string | null;
  /** Unix milliseconds. */
  readonly leasedAt: number;
}

/** What carrying out an attempt came to; `lost` when it was broken off because its lease is, or nobody saw its end. */
export interface Outcome {
  readonly status: "success" | "failed" | "timed_out" | "canceled" | "lost";
  readonly output?: Json;
  /** What it handed back; of an action with `files`. */
  readonly files?: readonly StepFile[];
  readonly error?: WorkError;
  readonly facts?: AttemptFacts;
  /** Of `lost`: it is no loss that counts. */
  readonly givenBack?: true;
  /** Of what was given back: it cannot have done anything. */
  readonly begun?: false;
  /** Of one that was given back: the machine could not begin it. Is not recorded; `error` tells the run. */
  readonly notBegun?: NotBegun;
}

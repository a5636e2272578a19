import type { AttemptFacts, SecretValues } from "@yardmaster/kernel";
import type { Json, StepFile, WorkError } from "@yardmaster/protocol";
import type { AttemptFiles } from "./files/index.ts";
import type { Masker } from "./masking/index.ts";

export type { AttemptFacts };

/** One piece of what an attempt printed, decoded; `at` is Unix milliseconds. */
export interface LogChunk {
  /** `raw`: what an agent printed for its runner; shown where it is asked for. */
  readonly stream: "stdout" | "stderr" | "raw";
  readonly text: string;
  readonly at: number;
}

/** Why an attempt is stopped from outside: the `reason` of `AttemptContext.signal`. */
export type StopReason = "cancel" | "shutdown" | "lease_lost";

/** All that a runner knows of the attempt it carries out. Made by the worker. */
export interface AttemptContext {
  readonly runId: string;
  /** Slot key of the step, with the item of a `for_each`: `each#3`. */
  readonly step: string;
  readonly attempt: number;
  readonly input: Json;
  /** Of an action that names some. Apart from the input, which is stored and shown. */
  readonly secrets?: SecretValues;
  /** Hides them in all that the attempt gives away; whoever reads what it printed must read it masked. */
  readonly masker?: Masker;
  /** The pack of its action; of agents, whose key is read for it. */
  readonly pack?: string;
  /** From the start of the work; any length, 2^31 ms and more included. */
  readonly timeoutMs: number;
  /** The worker's lease session: the mark by which orphans are found. */
  readonly session: string;
  /** The materialised pack, read-only. */
  readonly packFolder: string;
  /**
   * An empty folder, private to the attempt, the same at each call. A function, since a folder costs
   * a quarter of a process start: runners that need none must not pay (see `createWorkFolders`).
   */
  readonly workFolder: () => string;
  /** Of an attempt that is given files, or hands some back. */
  readonly files?: AttemptFiles;
  /** Whether an attempt before this one may have done something; left out: any may. Never rejects. */
  readonly mayHaveBegun?: () => Promise<boolean>;
  /** W3C `traceparent`. */
  readonly trace?: string;
  /** W3C `tracestate`: of which run what comes of it is. */
  readonly traceState?: string;
  readonly idempotencyKey: string;
  /** `cancel` and `shutdown` end the work with grace, `lease_lost` at once: another worker may have it already. */
  readonly signal: AbortSignal;
  /** The lease is lost, or the server ends, while what was stopped still has its grace: that is over. */
  readonly atOnce?: AbortSignal;
  /** Where it returns a promise, no more of that stream is read until it settles. Must not throw. */
  readonly onLog: (chunk: LogChunk) => void | PromiseLike<void>;
  /** What is found out once the attempt has ended. Must not throw. */
  readonly onLateLog?: (chunk: LogChunk) => void;
  /** All of stdout as it comes, what the log's limit leaves out included. Must not throw. */
  readonly onStdout?: (chunk: Buffer) => void;
  /** Each time that a process has begun. */
  readonly onBegun?: () => void;
  /** Of a process that is spoken with while it runs: it has no input but what is said to it. Not on a node. */
  readonly talk?: Talk;
}

/** What is said to a process on its stdin; what it says comes by `onStdout`. */
export interface Talk {
  /** It has begun. Must not throw. */
  begun(stdin: { readonly write: (text: string) => void; readonly end: () => void }): void;
  /** All has been said: however its process ends from then on, that is no failure. */
  isOver(): boolean;
  /** Where it does not go by itself then, this has it stopped: what it hands back is taken all the same. */
  readonly dismissed: AbortSignal;
}

/** Of an attempt that has started no process. */
export const NOTHING_RAN: AttemptFacts = { durationMs: 0 };

export type AttemptResult =
  | {
      readonly status: "success";
      readonly output: Json;
      /** What it handed back, where its action says that it does. */
      readonly files?: readonly StepFile[];
      /** Recorded with the result, but for NOTHING_RAN. */
      readonly facts: AttemptFacts;
    }
  | {
      /** `lost`: how it ended cannot be known, and nothing of it runs any more. */
      readonly status: "failed" | "timed_out" | "canceled" | "lost";
      readonly error: WorkError;
      readonly facts: AttemptFacts;
      /** Of `lost`: it was not begun, so it is no loss that counts. */
      readonly givenBack?: true;
      /** Of what was given back: that is certain. */
      readonly begun?: false;
    };

/**
 * Carries out one kind of action. Never rejects for what the action does: that is a result. Rejects with NotBegun where
 * the machine cannot begin it.
 */
export interface Runner<Spec> {
  run(spec: Spec, context: AttemptContext): Promise<AttemptResult>;
}

/** Why an attempt is to stop, by its signal. */
export function stopReason({ reason }: AbortSignal): StopReason {
  return reason === "lease_lost" || reason === "shutdown" ? reason : "cancel";
}

const STOPPED: { readonly [R in StopReason]: string } = {
  cancel: "The attempt was canceled.",
  shutdown: "Its server was stopped, and the attempt had not ended within YARD_SHUTDOWN_GRACE.",
  lease_lost: "The worker lost its lease.",
};

/** What is said of an attempt that was stopped. */
export function stopText(why: StopReason): string {
  return STOPPED[why];
}

export function isWorkError(value: object): value is WorkError {
  return "code" in value && "message" in value;
}

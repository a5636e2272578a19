import type {
  AttemptMeasures,
  Json,
  LogOlder,
  LogStream,
  RunStatus,
  StepFile,
  StepStatus,
  WorkError,
} from "@yardmaster/protocol";

export interface RunRecord {
  readonly id: string;
  readonly ref: string;
  readonly status: RunStatus;
  /** Why it does not move, where it does not. */
  readonly reason: string | null;
  /** Who paused it, while it is paused: `token:<name>`, or `run:<id>` of the run whose step it is. */
  readonly paused_by: string | null;
  readonly input: Json;
  readonly output: Json;
  /** The saved results, by name; of a live run none. */
  readonly outputs: { readonly [name: string]: Json };
  readonly error: WorkError | null;
  readonly created_at: string;
  readonly finished_at: string | null;
  readonly created_by: string;
  readonly event_id: string | null;
  readonly rule: string | null;
  readonly retry_of: string | null;
  /** The run whose step this one is. */
  readonly parent_id: string | null;
  readonly pack_digest: string | null;
  readonly traceparent: string | null;
}

export interface StepRecord {
  readonly id: string;
  readonly status: StepStatus;
  readonly reason: string | null;
  readonly uses: string;
  readonly input: Json;
  readonly output: Json;
  readonly error: WorkError | null;
  /** What it handed back; of an action with `files`, and not of a for_each. */
  readonly files?: readonly StepFile[];
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly attempts: readonly AttemptView[];
  /** The open question that it waits for. */
  readonly inquiry?: string;
  /** For a for_each: one for each item, in order. */
  readonly items: readonly ItemView[] | null;
  /** For a repeat: one for each round. */
  readonly rounds?: readonly ItemView[];
  /** What undoes it, once that has begun. */
  readonly undo?: UndoView;
  /** It was taken over, as a whole, from the run that this one tries again. */
  readonly reused?: true;
  /** The list that it is in; absent for one of the workflow's `steps`. */
  readonly section?: "on_failure" | "finally";
}

export interface UndoView {
  readonly status: StepStatus;
  readonly uses: string;
  readonly input: Json;
  readonly error: WorkError | null;
  readonly attempts: readonly AttemptView[];
}

export interface AttemptView {
  readonly number: number;
  readonly status: string;
  readonly worker: string | null;
  /** What the node is called that it was given to. */
  readonly node?: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly error: WorkError | null;
  readonly facts?: AttemptMeasures;
  /** The child run that it was. */
  readonly run?: string;
  /** The question that it was, or is. */
  readonly inquiry?: string;
}

export interface ItemView {
  readonly index: number;
  readonly status: StepStatus;
  /** Absent until its turn has come. */
  readonly input?: Json;
  readonly output: Json;
  readonly error: WorkError | null;
  readonly files?: readonly StepFile[];
  readonly attempts: readonly AttemptView[];
  /** The open question that it waits for. */
  readonly inquiry?: string;
  readonly undo?: UndoView;
  /** Its result was taken over from the run that this one tries again. */
  readonly reused?: true;
}

export interface RunFilter {
  readonly ids?: readonly string[];
  readonly status?: RunStatus;
  readonly ref?: string;
  readonly eventId?: string;
  readonly parentId?: string;
  /** Without those that are steps of others. */
  readonly rootsOnly?: boolean;
  readonly retryOf?: string;
  /** 32 hexadecimal digits. */
  readonly traceId?: string;
  /** Hexadecimal digits with which ids begin or end; of those that end so, only of the newest (MAX_ENDINGS_READ). */
  readonly idPrefix?: string;
  readonly idSuffix?: string;
  /** Of creation: from the first on, before the second. */
  readonly since?: Date;
  readonly until?: Date;
  /** Without it input, output and outputs are left out. */
  readonly payloads?: boolean;
  readonly limit: number;
  /** Id of the last run of the page before; runs are listed newest first. */
  readonly before?: string;
}

export interface LogLine {
  /** Place in the log: `after` continues behind it. */
  readonly cursor: string;
  readonly step: string;
  readonly attempt: number;
  readonly seq: number;
  readonly stream: LogStream;
  readonly at: string;
  readonly text: string;
  /** On the first of a tail, where older text was left out: why. */
  readonly older?: LogOlder;
}

export interface LogPage {
  readonly step?: string;
  /** The cursor of the line before it. */
  readonly after?: string;
  /** Without `after`: begins so many lines before the end. */
  readonly tail?: number;
  /** With what agents print for their runner. */
  readonly raw?: boolean;
  readonly limit: number;
}

/** Why a run is where it is: sentences, from the cause to what would unblock it. */
export interface Explanation {
  readonly id: string;
  readonly status: string;
  readonly summary: string;
  readonly chain: readonly string[];
  readonly unblock: readonly string[];
}

export interface Verification {
  readonly id: string;
  readonly advances: number;
  readonly same: boolean;
  /** The first decision that differs. */
  readonly difference?: {
    readonly version: number;
    readonly recorded: string;
    readonly now: string;
  };
}

import type { WorkflowDefinition } from "@yardmaster/kernel";
import type {
  ChangeType,
  Json,
  LogOlder,
  LogStream,
  RunStatus,
  StepFile,
  StepStatus,
  WorkError,
} from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import type { Page } from "../paging/index.ts";
import type { AttemptFiles } from "../runners/index.ts";

/** Finds definitions; given by `packs/`. A run pins the digest of the pack that it began with. */
export interface DefinitionSource {
  /** The active definition of a ref (an action's is wrapped as a workflow), or undefined. */
  current(ref: string): PinnedWorkflow | undefined;
  /** The definition as the pinned pack has it; built-in actions have no digest. Loaded once, then kept. */
  pinned(ref: string, packDigest: string | null): Promise<WorkflowDefinition>;
  /** Every ref that can be started, for hints. */
  refs(): Iterable<string>;
  /** Folder that holds the pack's files, as they were when the pack was stored. */
  packFolder(packDigest: string): Promise<string>;
}

/** Where files of steps are kept; given by `step-files/`. */
export interface StepFilesPort {
  ofAttempt(runId: string, given: readonly StepFile[]): AttemptFiles;
  /** A new try of a run may use all that the one before had. Before it is born. */
  giveAll(fromRun: string, toRun: string): Promise<void>;
}

export interface PinnedWorkflow {
  readonly workflow: WorkflowDefinition;
  readonly packDigest: string | null;
}

/** A run to be started. `input` is checked against the ref's schema; it is not yet. */
export interface RunRequest {
  readonly ref: string;
  readonly input: Json;
  /** Who or what asked: `token:<name>`, `rule:<ref>`. */
  readonly createdBy: string;
  readonly eventId?: string;
  readonly rule?: string;
  readonly traceparent?: string;
}

/** A new try of an ended run, which takes over the results of its successful steps. */
export interface RetryRequest {
  /** This step and what comes after it are done again, though they succeeded. */
  readonly from?: string;
  /** Nothing is taken over. */
  readonly fromStart?: boolean;
  /** With the pack as it is now; then nothing is taken over from another version of it. */
  readonly latest?: boolean;
  /** It is only asked what it would be: the new try is never committed. */
  readonly isDryRun?: boolean;
  readonly by: string;
}

/** A run that has passed its checks and waits to be committed; made by `prepare`. */
export interface PreparedRun {
  readonly id: string;
  /** What a new try takes over from the run that it tries again. */
  readonly reused?: { readonly outputs: { readonly [step: string]: unknown } };
  /** Once it is committed, where its birth says all that its record says: the run as it was born. */
  readonly born?: RunRecord | undefined;
}

/**
 * Rows that a feature commits in the transaction of the runs they start: a delivery with its event and decisions,
 * an idempotency key. `apply` gets all rows of a flush and answers for each whether its unit goes on.
 * It must be idempotent: after a lost connection the same rows come again and must be answered `ok` again.
 */
export interface CommitPart<Row> {
  readonly name: string;
  apply(client: ClientBase, rows: readonly Row[]): Promise<readonly PartAnswer[]>;
}

export type PartAnswer = "ok" | { readonly refused: string };

/** Unit of all or nothing. */
export interface CommitUnit {
  readonly part?: { readonly kind: CommitPart<never>; readonly row: unknown };
  readonly runs: readonly PreparedRun[];
  /** For the change feed, in the same transaction. */
  readonly announce?: readonly Change[];
  /** Size of the part's row, where it is large: a flush is bounded in bytes. */
  readonly bytes?: number;
}

export type CommitOutcome = "done" | { readonly refused: string };

/** One change of the feed: what moved, and to where. Small; readers fetch the resource for more. */
export interface Change {
  readonly type: ChangeType;
  readonly id: string;
  readonly [field: string]: Json | undefined;
}

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
  /** For a for_each: one for each item, in order. */
  readonly items: readonly ItemView[] | null;
  /** For a repeat: one for each round. */
  readonly rounds?: readonly ItemView[];
  /** What undoes it, once that has begun. */
  readonly undo?: UndoView;
  /** Its result was taken over from the run that this one tries again. */
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
  /** The child run that it was. */
  readonly run?: string;
}

export interface ItemView {
  readonly index: number;
  readonly status: StepStatus;
  readonly output: Json;
  readonly error: WorkError | null;
  readonly files?: readonly StepFile[];
  readonly attempts: readonly AttemptView[];
  readonly undo?: UndoView;
}

export interface RunFilter {
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

/** What the rest of the server may ask of the engine. */
export interface Engine {
  /** Checks ref and input, and runs the interpreter's first step in memory. Throws AppError unknown_ref, invalid_input. */
  prepare(request: RunRequest): PreparedRun;
  /** Throws AppError not_found, not_final, invalid_request, invalid_input, unknown_ref. */
  prepareRetry(runId: string, request: RetryRequest): Promise<PreparedRun>;
  /** Resolves when the unit is durable, or refused by its part. */
  commit(unit: CommitUnit): Promise<CommitOutcome>;
  /** Asks a run to stop; one that was paused by itself goes on with its cleanup. Throws AppError not_found, already_final, conflict (its `finally` runs: it comes too late). */
  cancel(runId: string, by: string): Promise<RunRecord>;
  /**
   * What runs goes on, and nothing more of it or of the runs that are its steps is given to a worker. Throws AppError
   * not_found, already_final.
   */
  pause(runId: string, by: string): Promise<RunRecord>;
  /** Throws AppError not_found, already_final, conflict (it is paused with a run that it is a step of). */
  resume(runId: string, by: string): Promise<RunRecord>;
  run(runId: string): Promise<RunRecord | undefined>;
  /** A page: fewer than the limit where their payloads are large, and maybe none; `next` is the `before` of the next. */
  runs(filter: RunFilter): Promise<Page<RunRecord>>;
  /** Of these runs, those that were tried again. */
  retried(runIds: readonly string[]): Promise<readonly string[]>;
  steps(runId: string): Promise<StepRecord[] | undefined>;
  logs(runId: string, page: LogPage): Promise<LogLine[]>;
  explain(runId: string): Promise<Explanation | undefined>;
  /** The finished run, or undefined when `timeoutMs` pass first or `signal` aborts. */
  waitForEnd(
    runId: string,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<RunRecord | undefined>;
  verify(runId: string): Promise<Verification | undefined>;
  readonly feed: Feed;
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

/** The change feed. A cursor is `epoch.xid.seq.item`; an expired or foreign one is answered by a `gap`. */
export interface Feed {
  /** Cursor after everything that is visible now. */
  head(): Promise<string>;
  /** Items after the cursor in commit order, at most `limit`; `gap` when the cursor is not of this feed any more. */
  read(
    cursor: string,
    limit: number,
  ): Promise<{ readonly gap: boolean; readonly items: readonly FeedItem[] }>;
  /** Calls back when there may be something new; returns the way out. */
  watch(onChange: () => void): () => void;
}

export interface FeedItem {
  readonly cursor: string;
  readonly at: string;
  readonly change: Change;
}

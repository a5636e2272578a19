import type { TakenOver, WorkflowDefinition } from "@yardmaster/kernel";
import type { Inquiry, Json, StepFile } from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import type { Page } from "../paging/index.ts";
import type { AttemptFiles } from "../runners/index.ts";
import type { Change, Feed } from "./feed/feed.types.ts";
import type { InquiryFilter } from "./inquiries/inquiries.store.ts";
import type {
  Explanation,
  LogLine,
  LogPage,
  RunFilter,
  RunRecord,
  StepRecord,
  Verification,
} from "./reading/reading.types.ts";

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

/** A new try of an ended run, which takes over the results that did not make it fail. */
export interface RetryRequest {
  /** This step, with all its items, and what comes after it are done again, whatever came of them. */
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
  readonly taken?: TakenOver;
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
  /** It locks what every process wants, such as the head of a chain, and is applied behind all other parts of a flush. */
  readonly isLast?: boolean;
  apply(client: ClientBase, rows: readonly Row[]): Promise<readonly PartAnswer[]>;
}

export type PartAnswer = "ok" | { readonly refused: string };

/** Unit of all or nothing. */
export interface CommitUnit {
  readonly part?: { readonly kind: CommitPart<never>; readonly row: unknown };
  /** A second part, of a kind that is last: it is applied only where the first has not refused. */
  readonly also?: CommitUnit["part"] | undefined;
  readonly runs: readonly PreparedRun[];
  /** For the change feed, in the same transaction. */
  readonly announce?: readonly Change[];
  /** Size of the part's row, where it is large: a flush is bounded in bytes. */
  readonly bytes?: number;
}

export type CommitOutcome = "done" | { readonly refused: string };

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
  inquiry(id: string): Promise<Inquiry | undefined>;
  /** A page, those asked last first; its `next` is a cursor of `inquiryPlace`. */
  inquiries(filter: InquiryFilter): Promise<Page<Inquiry>>;
  /**
   * Resolves when the answer is durable and its run goes on with it; `part` is committed with it. Throws AppError
   * not_found, conflict (it is not open any more), invalid_input, too_large, definition_missing.
   */
  answer(id: string, answer: Json, given: Answering): Promise<Inquiry>;
  /** Whether it is a step of `finally` that asks: its run is not canceled any more. */
  isInFinally(id: string): Promise<boolean>;
  /** Whether the answer to a question is the one that was given under this claim. */
  isAnsweredUnder(id: string, claim: string): Promise<boolean>;
  readonly feed: Feed;
}

export interface Answering {
  /** Who answers: `token:<name>`. */
  readonly by: string;
  /** Kept with the answer, for `isAnsweredUnder`. */
  readonly claim?: string | undefined;
  readonly part?: CommitUnit["part"] | undefined;
}

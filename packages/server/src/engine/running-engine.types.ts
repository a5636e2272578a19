import type { AppError } from "@yardmaster/protocol";
import type { Database } from "../db/index.ts";
import type { Runners, WorkFolders } from "../runners/index.ts";
import type { CommitQueue } from "./commit/commit-queue.ts";
import type { DefinitionSource, Engine, StepFilesPort } from "./engine.types.ts";
import type { RunEnded } from "./keeper/after-commit.ts";
import type { Lanes } from "./lanes/lanes.ts";
import type { QueueDepthView, QueueLimits } from "./lanes/queues.store.ts";
import type { NodeWork } from "./node-work/node-work.types.ts";
import type { OnPoint } from "./points.ts";
import type { EndLog } from "./reading/told-end.ts";
import type { Processes } from "./sessions/processes.ts";
import type { SessionView } from "./sessions/sessions.store.ts";
import type { TakeSpans } from "./trace/span.ts";

export interface EngineOptions {
  readonly roles: readonly ("api" | "worker" | "scheduler")[];
  /** Name of the machine, the same for all its processes. */
  readonly host: string;
  readonly pid: number;
  readonly processStart: string;
  /** Of Yardmaster, as `yard status` shows it. */
  readonly version?: string;
  /** This process holds the data folder's lock: earlier owners are gone. */
  readonly owner: boolean;
  /** Attempts carried out at once. */
  readonly capacity: { readonly core: number; readonly process: number };
  /** Largest input of a run, as JSON text; default MAX_INPUT_BYTES. */
  readonly maxInputBytes?: number;
  /** How long the leases of a node outlive its last sign of life; default NODE_SESSION_MS. */
  readonly nodeSessionMs?: number;
  /** How long after the grace of a stop PostgreSQL may take what is to be written; 10 s by default. */
  readonly handOverMs?: number;
}

export interface EngineDeps {
  readonly database: Database;
  readonly definitions: DefinitionSource;
  readonly runners: Runners;
  readonly workFolders: WorkFolders;
  readonly stepFiles: StepFilesPort;
  readonly log: EndLog & {
    warn(details: object, message: string): void;
    error(details: object, message: string): void;
  };
  readonly newId: () => string;
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
  /** Told of each flush that is durable; for the metrics. */
  readonly onFlush?: ((units: number, tookMs: number) => void) | undefined;
  /** Told of each run whose end this process made durable; for the metrics. */
  readonly onRunEnd?: ((ended: RunEnded) => void) | undefined;
  /** Takes the spans of each run whose end this process made durable; without it runs are not traced. */
  readonly takeSpans?: TakeSpans | undefined;
  /** Told at each named point; for crash tests. */
  readonly onPoint?: OnPoint | undefined;
}

export interface RunningEngine extends Engine, Lanes {
  setQueues(queues: readonly QueueLimits[]): Promise<void>;
  /** Notes which queues are declared no longer; names those for which that is so for a minute. */
  markRemovedQueues(declared: readonly string[]): Promise<string[]>;
  /** False where something of it is left, or a live run may come to it: one that pins one of the packs `digests`. */
  deleteRemovedQueue(name: string, digests: readonly string[]): Promise<boolean>;
  /** Nothing in a paused lane is started; `by` null lets it go on. False when there is no such lane. */
  pauseQueue(name: string, by: string | null): Promise<boolean>;
  sessions(): Promise<SessionView[]>;
  readonly processes: Processes;
  /**
   * Calls back when what this process holds by its session is to be given up at once: the session has ended, or others
   * may take it at any moment; returns the way out.
   */
  onGivenUp(listener: () => void): () => void;
  /** Attempts by lane; the lane without a name is "". */
  queueDepths(): Promise<QueueDepthView[]>;
  /** Age of the oldest change that readers of the feed cannot see yet; 0 where there is none. */
  feedLagMs(): Promise<number>;
  /** Gives attempts to nodes; for whoever holds their links. */
  readonly nodeWork: NodeWork;
  readonly counters: CommitQueue["counters"];
  /** Resolves when what is new can be written down. @throws what keeps it from being so. */
  reach(): Promise<void>;
  /**
   * Takes nothing new, lets what runs end for `graceMs`, tells the rest to end, and breaks off what does not within
   * LAST_GRACE_MS (it is given out again at once).
   * What nodes run goes on, and is recorded.
   */
  drain(graceMs: number): Promise<void>;
  /** There is no grace, or no more of it: what runs is broken off. */
  hurry(): void;
  /** What runs is broken off, and nothing waits for PostgreSQL: its data is gone. Before `drain`. */
  abandon(why: AppError): void;
  /** Drains, where that has not begun, flushes, and ends the session. For when the links of nodes are gone. */
  close(graceMs: number): Promise<void>;
}

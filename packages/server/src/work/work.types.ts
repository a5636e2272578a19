import type { NewId } from "@yardmaster/protocol";
import type { Audit } from "../audit/index.ts";
import type { Database, Log } from "../db/index.ts";
import type { RunningEngine } from "../engine/index.ts";

/** What work must know of a tracker; `trackers/` gives it. */
export interface WorkTracker {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly source: string;
  readonly projects: readonly string[];
  /** Login of the account that issues are assigned to. */
  readonly bot: string | null;
  readonly isPaused: boolean;
  /** Never rejects. */
  issue(
    project: string,
    number: number,
  ): Promise<
    | {
        readonly status: "open" | "closed";
        readonly issue: { readonly title: string };
        /** By the tracker's own dependencies; null where it has none, or could not say: then there is a problem. */
        readonly blockedBy: readonly WorkBlocker[] | null;
        readonly blockedByProblem: string | null;
      }
    | { readonly status: "not_found" }
    | {
        readonly status: "unreadable";
        readonly message: string;
        readonly retryAfterMs: number | undefined;
      }
  >;
}

export interface WorkBlocker {
  readonly project: string;
  readonly number: number;
  readonly state: "open" | "closed";
}

export interface WorkTrackers {
  find(name: string): Promise<WorkTracker | undefined>;
  bySource(source: string): Promise<WorkTracker | undefined>;
}

export interface WorkDeps {
  readonly database: Pick<Database, "pool">;
  readonly engine: Pick<RunningEngine, "commit" | "run" | "feed" | "prepare">;
  readonly trackers: WorkTrackers;
  readonly audit: Pick<Audit, "withRun">;
  readonly newId: NewId;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export interface FollowDeps {
  readonly database: Pick<Database, "pool" | "listen">;
  readonly engine: Pick<
    RunningEngine,
    "commit" | "run" | "feed" | "prepare" | "cancel" | "counters"
  >;
  readonly trackers: WorkTrackers;
  readonly log: Pick<Log, "warn">;
  readonly newId: NewId;
  /** Unix milliseconds. */
  readonly now: () => number;
}

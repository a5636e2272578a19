import type { IssueMetadata, MetadataField, Provenance, WorkReasonCode } from "@yardmaster/kernel";
import type { WorkStatus } from "@yardmaster/protocol";

/** An issue of a tracker, as no rename changes it. */
export interface IssueKey {
  readonly tracker_id: string;
  readonly repository: string;
  readonly number: number;
}

/** What an issue's body says, as it is kept. */
export interface KeptMetadata extends IssueMetadata {
  readonly from: { readonly [F in MetadataField]: Provenance };
  readonly warnings: readonly string[];
}

export interface IssueRow extends IssueKey {
  readonly project: string;
  readonly title: string;
  readonly body: string | null;
  readonly url: string | null;
  readonly author: string | null;
  readonly state: "open" | "closed" | "deleted" | "missing" | "unreadable";
  readonly assigned: boolean;
  readonly metadata: KeptMetadata;
  readonly changed_at: string | null;
  readonly heard_at: string;
  readonly check_at: string | null;
  /** When the tracker was last asked what it waits for; null: not since it was last heard of. */
  readonly asked_at: string | null;
  /** What the tracker said that keeps it from being begun. */
  readonly ask_problem: string | null;
}

export interface ItemRow extends IssueKey {
  readonly id: string;
  readonly tracker: string;
  readonly status: WorkStatus;
  readonly ready: boolean;
  readonly reason_code: WorkReasonCode | HeldCode | null;
  readonly reason: string | null;
  readonly priority: number;
  /** Tries since a person last said how it goes on. */
  readonly attempts: number;
  /** All that there were. */
  readonly tries: number;
  readonly next_try_at: string | null;
  readonly run_id: string | null;
  readonly running: boolean;
  readonly stop_run: string | null;
  readonly event_id: string | null;
  readonly retry_of: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly finished_at: string | null;
}

/** Why a queued item is not started. */
export type HeldCode =
  | "blocked_by"
  | "dependency_cycle"
  | "blocker_unreadable"
  | "concurrency"
  | "paused";

export interface TryRow {
  readonly item_id: string;
  readonly number: number;
  readonly run_id: string | null;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly status: string;
  readonly message: string | null;
}

/** `owner/repo#160` in lower case: the names by which issues refer to each other within a tracker. */
export function nameOfIssue(project: string, number: number): string {
  return `${project.toLowerCase()}#${number}`;
}

export function textOfKey({ tracker_id, repository, number }: IssueKey): string {
  return `${tracker_id} ${repository} ${number}`;
}

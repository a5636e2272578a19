import type { Json, JsonObject, TrackerKind } from "@yardmaster/protocol";
import type { Answer } from "./answer.ts";
import type { Issue } from "./issue.ts";

export interface Account {
  readonly login: string;
}

export interface Repository {
  /** The forge's own number of it, which a new name does not change. */
  readonly id: number;
  readonly fullName: string;
  readonly hasIssues: boolean;
  readonly isArchived: boolean;
  /** Undefined where the forge does not say. */
  readonly mayWrite: boolean | undefined;
  readonly raw: JsonObject;
}

/** An issue that another one waits for. */
export interface Blocker {
  readonly project: string;
  readonly number: number;
  readonly state: "open" | "closed";
  readonly title: string;
}

export interface Hook {
  readonly url: string;
  readonly isActive: boolean;
  readonly events: readonly string[];
  /** Undefined where the forge does not tell. */
  readonly hasSecret: boolean | undefined;
  /** What became of its last delivery, where that failed and the forge tells. */
  readonly lastFailure: string | undefined;
}

/** One look at the issues of a project. */
export interface IssuePage {
  /** The `ETag` that was given still holds: there is nothing to read. */
  readonly isUnchanged: boolean;
  readonly items: readonly Json[];
  readonly etag: string | undefined;
  readonly next: string | undefined;
}

export interface ListIssues {
  /** Only those that have changed then or later; Unix milliseconds. */
  readonly sinceMs?: number | undefined;
  readonly state: "open" | "all";
  /** As the page before it gave it. */
  readonly next?: string | undefined;
  readonly etag?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Comment {
  readonly id: number;
  readonly body: string;
  readonly url: string | null;
}

export interface Delta {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

export interface CommitStatus {
  readonly sha: string;
  readonly state: "pending" | "success" | "failure" | "error";
  readonly context: string;
  readonly description?: string | undefined;
  readonly url?: string | undefined;
}

/** What Yardmaster asks of a forge, whichever it is. Projects are `owner/repo`. No call rejects. */
export interface Forge {
  readonly kind: TrackerKind;
  whoAmI(): Promise<Answer<Account>>;
  repository(project: string): Promise<Answer<Repository>>;
  hooks(project: string): Promise<Answer<readonly Hook[]>>;
  issue(project: string, number: number): Promise<Answer<Issue>>;
  /** Null where the forge has no dependencies, or has them switched off. */
  blockers(project: string, number: number): Promise<Answer<readonly Blocker[] | null>>;
  issues(project: string, list: ListIssues): Promise<Answer<IssuePage>>;
  /** All of an issue, the oldest first. */
  comments(project: string, number: number): Promise<Answer<readonly Comment[]>>;
  addComment(project: string, number: number, body: string): Promise<Answer<Comment>>;
  setState(project: string, number: number, state: Issue["state"]): Promise<Answer<Issue>>;
  /** Those that are there already, or gone, stay as they are. */
  changeLabels(project: string, number: number, change: Delta): Promise<Answer<Issue>>;
  changeAssignees(project: string, number: number, change: Delta): Promise<Answer<Issue>>;
  /** Of a commit: the last one under the same context counts. */
  addStatus(project: string, status: CommitStatus): Promise<Answer<null>>;
}

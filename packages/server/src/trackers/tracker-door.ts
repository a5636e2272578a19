import type { JsonObject, TrackerKind } from "@yardmaster/protocol";
import type { Pool } from "pg";
import type { Requester } from "../runners/index.ts";
import { type Answer, type Blocker, type Forge, type Issue, openForge } from "./forge/index.ts";
import { readToken, type TokenDeps } from "./tracker-token.ts";
import { findTracker, findTrackerOfSource, type TrackerRow } from "./trackers.store.ts";

/** An issue as its tracker has it now. */
export type IssueReading =
  | {
      readonly status: "open" | "closed";
      readonly issue: Issue;
      /** As the forge gave it. */
      readonly raw: JsonObject;
      /** Null where the forge has no dependencies, or they could not be read: `blockedByProblem` says why. */
      readonly blockedBy: readonly Blocker[] | null;
      readonly blockedByProblem: string | null;
    }
  | { readonly status: "not_found"; readonly message: string }
  /** It may be there or not. */
  | {
      readonly status: "unreadable";
      readonly message: string;
      readonly retryAfterMs: number | undefined;
    };

/** A tracker for who works with its issues. */
export interface OpenTracker {
  readonly id: string;
  readonly name: string;
  readonly kind: TrackerKind;
  readonly source: string;
  readonly projects: readonly string[];
  readonly bot: string | null;
  readonly isPaused: boolean;
  /** Never rejects. `project` may be another one than its own: blockers stand elsewhere too. */
  issue(project: string, number: number): Promise<IssueReading>;
  /** The API of it; asked anew each time, since a token may have changed. `leaves`: the share of its limit that is left. */
  forge(leaves?: number): Promise<Answer<Forge>>;
}

/** What other features may know of trackers. */
export interface TrackerDoor {
  find(name: string): Promise<OpenTracker | undefined>;
  /** That whose webhooks come to this source. */
  bySource(source: string): Promise<OpenTracker | undefined>;
}

export interface DoorDeps extends TokenDeps {
  readonly pool: Pool;
  readonly request: Requester;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export function createTrackerDoor(deps: DoorDeps): TrackerDoor {
  const { pool } = deps;
  return {
    async find(name) {
      const row = await findTracker(pool, name);
      return row && openTracker(row, deps);
    },
    async bySource(source) {
      const row = await findTrackerOfSource(pool, source);
      return row && openTracker(row, deps);
    },
  };
}

export function openTracker(row: TrackerRow, deps: Omit<DoorDeps, "pool">): OpenTracker {
  const { id, name, kind, url, source, projects, bot } = row;
  async function forge(leaves?: number): Promise<Answer<Forge>> {
    const token = await readToken(row, deps);
    if (!token.ok) return token;
    const opened = openForge(deps.request, {
      kind,
      url,
      token: token.value,
      leaves,
      now: deps.now,
    });
    return { ok: true, value: opened };
  }
  return {
    ...{ id, name, kind, source, projects, bot, forge },
    isPaused: row.paused_by !== null,
    issue: async (project, number) => readIssueOf(await forge(), project, number),
  };
}

async function readIssueOf(
  forge: Answer<Forge>,
  project: string,
  number: number,
): Promise<IssueReading> {
  if (!forge.ok) return unreadable(forge.problem);
  const found = await forge.value.issue(project, number);
  if (!found.ok && found.problem.kind !== "not_found") return unreadable(found.problem);
  if (!found.ok) {
    // Both forges say 404 too of what the token may not see.
    const repository = await forge.value.repository(project);
    if (!repository.ok) return unreadable(repository.problem);
    return { status: "not_found", message: `${project} has no issue ${number}` };
  }
  const { value: issue } = found;
  const blockers = await forge.value.blockers(project, number);
  return {
    ...{ status: issue.state, issue, raw: issue.raw },
    blockedBy: blockers.ok ? blockers.value : null,
    blockedByProblem: blockers.ok ? null : blockers.problem.message,
  };
}

function unreadable({
  message,
  retryAfterMs,
}: {
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}): IssueReading {
  return { status: "unreadable", message, retryAfterMs };
}

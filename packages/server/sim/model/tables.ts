import type { LaneLimits, LaneStarts } from "@yardmaster/kernel";
import type { RunBirth } from "../../src/engine/commit/run-op.types.ts";
import type { SessionRow } from "../../src/engine/sessions/sessions.store.ts";

/**
 * The engine's tables, as far as its decisions rest on them. Times are milliseconds of the store's clock.
 * `commits` counts what was written: a statement sees what was there when it began, and a `since` tells what came later.
 */
export interface Tables {
  commits: number;
  readonly sessions: Map<string, SessionLine>;
  /** Live runs. */
  readonly runs: Map<string, RunLine>;
  readonly history: Map<string, EndedRun>;
  readonly journal: Map<string, JournalLine[]>;
  /** Attempts that wait, by run, slot and number; those with a worker are in `leases`. */
  readonly dispatch: Map<string, DispatchLine>;
  readonly leases: Map<string, LeaseLine>;
  readonly timers: Map<string, TimerLine>;
  /** Runs that are steps of others, by their ids. */
  readonly children: Map<string, ChildLine>;
  /** Questions, open and over, by run, slot and number. */
  readonly inquiries: Map<string, InquiryLine>;
  /** Ended ones, which the store keeps in its journal alone. */
  readonly attempts: Set<string>;
  readonly queues: Map<string, LaneLine>;
  /** What each admission to a lane with a rate started. */
  readonly starts: Map<string, readonly LaneStarts[]>;
  /** When lanes whose rate was used up start attempts again. */
  readonly nextStartAt: Map<string, number>;
  /** Lanes whose row a claim holds. */
  readonly lockedLanes: Set<string>;
  /** In the order of their positions. */
  queueKeys: { readonly queue: string; readonly key: string; readonly runId: string }[];
}

export interface LaneLine extends LaneLimits {
  paused?: boolean;
}

export interface SessionLine extends SessionRow {
  expiresAt: number;
  endedAt: number | null;
  endedSince: number;
  swept: boolean;
}

export interface RunLine {
  readonly birth: RunBirth;
  version: number;
  canceling: boolean;
  pausedBy: string | null;
  /** A cancel that was asked of who does not have its definition. */
  asked: { readonly by: string; readonly at: number } | null;
  instantBy: string | null;
}

export interface EndedRun extends RunLine {
  readonly status: string;
  readonly output: string | null;
  readonly error: string | null;
}

export interface JournalLine {
  readonly version: number;
  readonly opId: string;
  readonly events: string;
  readonly decisions: string;
}

export interface DispatchLine {
  readonly runId: string;
  readonly slot: string;
  readonly number: number;
  readonly runner: string;
  /** Of its action. */
  readonly ref: string;
  readonly input: string;
  readonly queue: string;
  readonly key: string | null;
  readonly priority: number;
  state: "ready" | "delayed" | "paused";
  dueAt: number | null;
  /** A claim has it, and has not committed. */
  locked: boolean;
}

export interface LeaseLine {
  readonly runId: string;
  readonly slot: string;
  readonly number: number;
  readonly session: string;
  readonly leasedAt: number;
  readonly queue: string;
  readonly key: string | null;
  readonly claimId: string | null;
  readonly input: string | null;
  readonly since: number;
}

export interface TimerLine {
  readonly runId: string;
  readonly slot: string;
  readonly number: number;
  dueAt: number;
}

export interface InquiryLine {
  readonly id: string;
  readonly runId: string;
  readonly slot: string;
  readonly number: number;
  readonly isTimed: boolean;
  readonly question: string;
  readonly assignedTo: string | null;
  status: "open" | "answered" | "timed_out" | "canceled";
  answer: string | null;
  answeredBy: string | null;
}

export interface ChildLine {
  readonly childId: string;
  readonly parentId: string;
  readonly slot: string;
  readonly number: number;
  readonly ref: string;
  readonly input: string;
  state: "new" | "started" | "ended";
  movedAt: number;
}

export function emptyTables(): Tables {
  return {
    commits: 0,
    sessions: new Map(),
    runs: new Map(),
    history: new Map(),
    journal: new Map(),
    dispatch: new Map(),
    leases: new Map(),
    timers: new Map(),
    children: new Map(),
    inquiries: new Map(),
    attempts: new Set(),
    queues: new Map(),
    starts: new Map(),
    nextStartAt: new Map(),
    lockedLanes: new Set(),
    queueKeys: [],
  };
}

export function rowKey(runId: string, slot: string, number: number): string {
  return `${runId}/${slot}/${number}`;
}

export function isPaused(tables: Tables, runId: string): boolean {
  return (tables.runs.get(runId)?.pausedBy ?? null) !== null;
}

/** What a statement that begins now will see. */
export function snapshotOf(tables: Tables): number {
  return tables.commits;
}

/** Whether the session may write, as the snapshot shows it. */
export function isLive(tables: Tables, sessionId: string, snapshot: number): boolean {
  const session = tables.sessions.get(sessionId);
  return session !== undefined && (session.endedAt === null || session.endedSince > snapshot);
}

/** Another statement holds what this one needs: it waits until that one has committed. */
export class Locked extends Error {}

import type { LaneLimits } from "@yardmaster/kernel";
import type { RunBirth } from "../../src/engine/run-op.ts";
import type { SessionRow } from "../../src/engine/sessions.store.ts";

/** The engine's tables, as far as its decisions rest on them. Times are milliseconds of the store's clock. */
export interface Tables {
  readonly sessions: Map<string, SessionLine>;
  /** Live runs. */
  readonly runs: Map<string, RunLine>;
  readonly history: Map<string, EndedRun>;
  readonly journal: Map<string, JournalLine[]>;
  /** By run, slot and number. */
  readonly dispatch: Map<string, DispatchLine>;
  readonly timers: Map<string, TimerLine>;
  readonly attempts: Map<string, { readonly status: string; readonly session: string | null }>;
  readonly queues: Map<string, LaneLimits>;
  /** In the order of their positions. */
  queueKeys: { readonly queue: string; readonly key: string; readonly runId: string }[];
}

export interface SessionLine extends SessionRow {
  expiresAt: number;
  endedAt: number | null;
  swept: boolean;
}

export interface RunLine {
  readonly birth: RunBirth;
  version: number;
  canceling: boolean;
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
  readonly input: string;
  readonly queue: string;
  readonly key: string | null;
  readonly priority: number;
  state: "ready" | "delayed" | "leased";
  dueAt: number | null;
  session: string | null;
  claimId: string | null;
  leasedAt: number | null;
  stop: boolean;
}

export interface TimerLine {
  readonly runId: string;
  readonly slot: string;
  readonly number: number;
  readonly dueAt: number;
}

export function emptyTables(): Tables {
  return {
    sessions: new Map(),
    runs: new Map(),
    history: new Map(),
    journal: new Map(),
    dispatch: new Map(),
    timers: new Map(),
    attempts: new Map(),
    queues: new Map(),
    queueKeys: [],
  };
}

export function rowKey(runId: string, slot: string, number: number): string {
  return `${runId}/${slot}/${number}`;
}

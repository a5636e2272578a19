import type { AttemptPlace, LaneRate } from "@yardmaster/kernel";
import type { AskedCancel, OpenRows } from "../../src/engine/abandon/asked-cancels.store.ts";
import type { AttemptRow } from "../../src/engine/attempt-row.ts";
import type { Sent, UnitOutcome } from "../../src/engine/commit/flush.ts";
import type {
  InstantPlace,
  InstantStretch,
} from "../../src/engine/instants/instant-backlog.store.ts";
import type { StoredRun } from "../../src/engine/keeper/keeper.store.ts";
import type { LostInstants } from "../../src/engine/scheduler/recovery.store.ts";
import type { Outlook } from "../../src/engine/scheduler/scheduler.store.ts";
import type { SessionRow } from "../../src/engine/sessions/sessions.store.ts";
import type { Admission } from "../../src/engine/worker/admission.ts";
import type {
  ClaimedRow,
  Claimer,
  HeldRow,
  WaitedAs,
} from "../../src/engine/worker/claim.store.ts";
import type { WaitingLane } from "../../src/engine/worker/lane.store.ts";

/** What both stores answer: PostgreSQL, and the simulator's model of it. Lists are sets: their order is not promised. */
export interface ConformingStore {
  reset(lanes: readonly Lane[]): Promise<void>;
  write(sessionId: string, batch: readonly Sent[]): Promise<UnitOutcome[] | "refused">;
  claimReady(claimer: Claimer, runner: string, limit: number): Promise<ClaimedRow[]>;
  readyInstants(after: InstantPlace | undefined, skip: number, limit: number): Promise<unknown>;
  waitingLanes(): Promise<ToldLane[]>;
  admit(claimer: Claimer, queue: string, runner: string, limit: number): Promise<ToldAdmission>;
  leasedByClaims(sessionId: string, claimIds: readonly string[]): Promise<ClaimedRow[]>;
  insertSession(row: SessionRow): Promise<void>;
  renew(id: string): Promise<boolean>;
  /** Takes the rest of its life from it. */
  expire(id: string): Promise<void>;
  endExpired(own: string): Promise<string[]>;
  endGone(ids: readonly string[]): Promise<void>;
  /** Without `children`: what is left over is so by a clock, and each store has its own. */
  outlook(
    own: string,
    host: string,
  ): Promise<Omit<Outlook, "dueInMs" | "children"> & { due: boolean | null }>;
  dueTimers(): Promise<AttemptRow[]>;
  readyDelayed(): Promise<number>;
  lost(): Promise<AttemptRow[]>;
  lostInstants(): Promise<LostInstants[]>;
  clearInstants(lost: LostInstants): Promise<void>;
  withdrawChild(childId: string): Promise<boolean>;
  childrenToFollow(parentId: string): Promise<unknown>;
  stopped(): Promise<AttemptRow[]>;
  stoppedUnleased(runId: string): Promise<AttemptPlace[]>;
  stopsForSession(id: string): Promise<AttemptRow[]>;
  askCancel(runId: string, by: string): Promise<void>;
  /** Without how long ago. */
  askedCancels(): Promise<unknown>;
  forgetCancel(runId: string): Promise<void>;
  withdrawUnborn(runId: string): Promise<void>;
  openRows(runId: string): Promise<unknown>;
  dropLeases(runId: string): Promise<void>;
  stillLeased(sessionId: string, rows: readonly HeldRow[]): Promise<AttemptRow[]>;
  putBack(sessionId: string, rows: readonly WaitedRow[]): Promise<AttemptRow[]>;
  load(runId: string, ended: boolean): Promise<StoredRun | undefined>;
  /** Every row that decisions rest on, without its times, in a fixed order. */
  dump(): Promise<unknown>;
}

export type WaitedRow = HeldRow & { readonly waited: WaitedAs };

export interface Lane {
  readonly name: string;
  readonly concurrency: number | null;
  readonly keyConcurrency: number | null;
  readonly fifo: boolean;
  readonly rate: LaneRate | null;
}

/** Without times: each store has a clock of its own. */
export interface ToldLane {
  readonly queue: string;
  readonly kinds: WaitingLane["kinds"];
  readonly isHeld: boolean;
}

export interface ToldAdmission {
  readonly rows: readonly ClaimedRow[];
  readonly isShut: boolean;
  readonly isHeld: boolean;
}

export function withoutTime({ inMs, ...lane }: WaitingLane): ToldLane {
  return { ...lane, isHeld: inMs > 0 };
}

export function toldOfAdmission({ rows, inMs, isShut }: Admission): ToldAdmission {
  return { rows: asSet(rows), isShut, isHeld: inMs !== null };
}

/** What of a stretch decisions rest on: a fold needs events alone. */
export function toldOfStretch({ ready, next }: InstantStretch): unknown {
  return {
    next,
    ready: ready.map(({ stored, ...rest }) => ({
      ...rest,
      version: stored.version,
      events: stored.advances.map(({ events }) => events),
    })),
  };
}

/** Without how long ago that was asked, and since when what is leased is so: each store has a clock of its own. */
export function toldOfAsked(asked: readonly AskedCancel[]): unknown {
  return asSet(asked.map(({ askedMs: _, ...rest }) => rest));
}

export function toldOfOpen({ attempts, timers, inquiries, children, isAsked }: OpenRows): unknown {
  return {
    attempts: asSet(
      attempts.map(({ leasedAtMs, ...rest }) => ({ ...rest, isLeased: leasedAtMs !== null })),
    ),
    timers: asSet(timers),
    inquiries: asSet(inquiries),
    children: asSet(children),
    isAsked,
  };
}

/** A stored run, its attempts as a set. */
export function withSets(stored: StoredRun | undefined): StoredRun | undefined {
  return stored === undefined ? undefined : { ...stored, placed: asSet(stored.placed) };
}

/** A list as a set. */
export function asSet<T>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}

/** The same text for equal rows, in whatever order their fields stand. */
function textOf(row: unknown): string {
  return typeof row === "object" && row !== null
    ? JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))
    : JSON.stringify(row);
}

/** In an order that both stores can give. */
export function byChild<Row extends { readonly childId: string }>(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => (a.childId < b.childId ? -1 : 1));
}

import { admit, type LaneLimits, rateRoom } from "@yardmaster/kernel";
import type { AttemptRow } from "../../src/engine/attempt-row.ts";
import type {
  InstantPlace,
  InstantStretch,
} from "../../src/engine/instants/instant-backlog.store.ts";
import type { Admission } from "../../src/engine/worker/admission.ts";
import type {
  ClaimedRow,
  Claimer,
  HeldRow,
  WaitedAs,
} from "../../src/engine/worker/claim.store.ts";
import type { WaitingLane } from "../../src/engine/worker/lane.store.ts";
import { INSTANT } from "../../src/engine/worker/runner-kind.ts";
import { loadStored } from "./load.ts";
import {
  type DispatchLine,
  isLive,
  type LeaseLine,
  Locked,
  type RunLine,
  rowKey,
  type Tables,
} from "./tables.ts";
import type { Breakage } from "./write-ops.ts";

const NO_LIMITS: LaneLimits = { concurrency: null, keyConcurrency: null, fifo: false };

/** A claim that has picked and locked, and has not committed. */
export interface HeldClaim {
  readonly claimer: Claimer;
  readonly queue: string;
  readonly picked: readonly DispatchLine[];
  /** What its rate allowed when it picked; null: the lane has none, or its rate was not asked for. */
  readonly left: number | null;
}

/** `claimReady`, and the claims of a lane under its lock: the same rows leased as in claim.store.ts. */
export function claim(
  tables: Tables,
  claimer: Claimer,
  queue: string,
  runner: string,
  limit: number,
  nowMs: number,
): Admission {
  return commitClaim(tables, beginClaim(tables, claimer, queue, runner, limit, nowMs), nowMs);
}

/** Picks by what is there now, and locks it. Throws Locked while another claim has the lane. */
export function beginClaim(
  tables: Tables,
  claimer: Claimer,
  queue: string,
  runner: string,
  limit: number,
  nowMs: number,
  broken: Breakage = {},
): HeldClaim {
  if (tables.lockedLanes.has(queue)) throw new Locked();
  const live = isLive(tables, claimer.sessionId, tables.commits);
  const isAsked = limit > 0 && hasRoom(tables, queue) && tables.queues.get(queue)?.paused !== true;
  const left = isAsked && broken.rate !== true ? rateLeft(tables, queue, nowMs) : null;
  const most = Math.min(limit, left ?? limit);
  const isPaused = tables.queues.get(queue)?.paused === true && broken.lanePause !== true;
  const picked =
    live && !isPaused ? pick(tables, queue, runner, most, broken, claimer.without) : [];
  for (const row of picked) row.locked = true;
  if (tables.queues.has(queue)) tables.lockedLanes.add(queue);
  return { claimer, queue, picked, left };
}

export function commitClaim(tables: Tables, held: HeldClaim, nowMs: number): Admission {
  rollBackClaim(tables, held);
  const { queue, left } = held;
  const rows = lease(tables, held.claimer, held.picked, nowMs);
  const rate = tables.queues.get(queue)?.rate ?? null;
  const isFull =
    queue !== "" && (!hasRoom(tables, queue) || tables.queues.get(queue)?.paused === true);
  if (left === null || rate === null) return { rows, inMs: null, isShut: isFull };
  const recent = [...(tables.starts.get(queue) ?? [])];
  if (rows.length > 0) recent.push({ atMs: nowMs, starts: rows.length });
  tables.starts.set(
    queue,
    recent.filter(({ atMs }) => atMs > nowMs - rate.perMs),
  );
  if (rows.length < left) return { rows, inMs: null, isShut: isFull };
  const { nextAtMs } = rateRoom(rate, recent, nowMs);
  tables.nextStartAt.set(queue, nextAtMs ?? nowMs);
  return { rows, inMs: (nextAtMs ?? nowMs) - nowMs, isShut: true };
}

function rateLeft(tables: Tables, queue: string, nowMs: number): number | null {
  const rate = tables.queues.get(queue)?.rate ?? null;
  return rate && rateRoom(rate, tables.starts.get(queue) ?? [], nowMs).room;
}

export function rollBackClaim(tables: Tables, { queue, picked }: HeldClaim): void {
  for (const row of picked) row.locked = false;
  tables.lockedLanes.delete(queue);
}

/** Waits for who admits to it. */
export function pauseLane(tables: Tables, queue: string, isPaused: boolean): void {
  if (tables.lockedLanes.has(queue)) throw new Locked();
  const lane = tables.queues.get(queue);
  if (lane !== undefined) lane.paused = isPaused;
}

/** Moves what was picked, and still waits, to the leases. */
export function lease(
  tables: Tables,
  { sessionId: session, claimId }: Claimer,
  picked: readonly DispatchLine[],
  leasedAt: number,
): ClaimedRow[] {
  tables.commits++;
  const taken: ClaimedRow[] = [];
  for (const { runId, slot, number, queue, key, input, ...rest } of picked) {
    const at = rowKey(runId, slot, number);
    if (!tables.dispatch.delete(at)) continue;
    const place = { runId, slot, number, queue, key, input };
    const row = { ...place, session, claimId, leasedAt, since: tables.commits };
    tables.leases.set(at, row);
    const { runner, ref, priority } = rest;
    for (const one of claimed(tables, row))
      taken.push({ ...one, waited: { runner, ref, priority } });
  }
  return taken;
}

/** What would be leased. */
export function pick(
  tables: Tables,
  queue: string,
  runner: string,
  limit: number,
  broken: Breakage = {},
  without: readonly string[] = [],
): DispatchLine[] {
  const isWanted = ({ runId, locked }: DispatchLine): boolean =>
    !locked &&
    (broken.stopFlag === true || mayLease(tables.runs.get(runId))) &&
    !without.includes(nameOf(tables.runs.get(runId)));
  const ready = [...tables.dispatch.values()].filter(
    (row) => row.queue === queue && row.state === "ready" && row.runner === runner && isWanted(row),
  );
  const leased = [...tables.leases.values()].filter((row) => row.queue === queue);
  const limits = queue === "" ? NO_LIMITS : (tables.queues.get(queue) ?? NO_LIMITS);
  const head = (key: string): string | undefined =>
    tables.queueKeys.find((line) => line.queue === queue && line.key === key)?.runId;
  const kept = broken.fifo === true ? { ...limits, fifo: false } : limits;
  return admit({ limits: kept, ready, leased: leased.map(({ key }) => key), head }, limit);
}

function nameOf(run: RunLine | undefined): string {
  return run?.birth.packDigest ?? run?.birth.ref ?? "";
}

function hasRoom(tables: Tables, queue: string): boolean {
  const most = tables.queues.get(queue)?.concurrency ?? Number.POSITIVE_INFINITY;
  return [...tables.leases.values()].filter((row) => row.queue === queue).length < most;
}

function isOpen(tables: Tables, queue: string): boolean {
  return hasRoom(tables, queue) && tables.queues.get(queue)?.paused !== true;
}

export function waitingLanes(tables: Tables, nowMs: number): WaitingLane[] {
  const lanes = new Set<string>();
  for (const row of tables.dispatch.values())
    if (row.state === "ready" && row.queue !== "" && isOpen(tables, row.queue))
      lanes.add(row.queue);
  const inMs = (queue: string): number => (tables.nextStartAt.get(queue) ?? nowMs) - nowMs;
  const hasReady = (queue: string, runner: string): boolean =>
    [...tables.dispatch.values()].some(
      (row) => row.queue === queue && row.state === "ready" && row.runner === runner,
    );
  return [...lanes].sort().map((queue) => ({
    ...{ queue, inMs: Math.max(inMs(queue), 0) },
    kinds: (["core", "process"] as const).filter((kind) => hasReady(queue, kind)),
  }));
}

export function leasedByClaims(
  tables: Tables,
  sessionId: string,
  claimIds: readonly string[],
): HeldRow[] {
  return [...tables.leases.values()].flatMap((row) => {
    const { session, claimId } = row;
    if (session !== sessionId || claimId === null || !claimIds.includes(claimId)) return [];
    return claimed(tables, row).map((found) => ({ ...found, claimId }));
  });
}

/** Of these leases of the session, those that it has still; one whose run is gone is let go. */
export function stillLeased(
  tables: Tables,
  sessionId: string,
  rows: readonly HeldRow[],
): AttemptRow[] {
  const held = rows.filter((row) => holds(tables, sessionId, row));
  for (const { runId, slot, number } of held)
    if (!tables.runs.has(runId)) tables.leases.delete(rowKey(runId, slot, number));
  return held.filter(({ runId }) => tables.runs.has(runId));
}

/** Not of a session that is over, nor of a run that may be ended as its rows stand. */
export function putBack(
  tables: Tables,
  sessionId: string,
  rows: readonly (HeldRow & { readonly waited: WaitedAs })[],
  broken: Breakage = {},
): AttemptRow[] {
  tables.commits++;
  if (broken.handOver === true) return [];
  if (!isLive(tables, sessionId, tables.commits)) return [];
  return rows.flatMap((row) => {
    const { runId, slot, number, waited } = row;
    const run = tables.runs.get(runId);
    if (!holds(tables, sessionId, row) || run === undefined || run.asked !== null) return [];
    const at = rowKey(runId, slot, number);
    const { queue, key, input } = tables.leases.get(at) as LeaseLine;
    tables.leases.delete(at);
    const back = { runId, slot, number, queue, key, input: input ?? "null", ...waited };
    tables.dispatch.set(at, { ...back, state: "ready", dueAt: null, locked: false });
    return [{ runId, slot, number }];
  });
}

function holds(
  tables: Tables,
  sessionId: string,
  { runId, slot, number, claimId }: HeldRow,
): boolean {
  const row = tables.leases.get(rowKey(runId, slot, number));
  return row?.session === sessionId && row.claimId === claimId;
}

/** With what its run says; nothing of a run that is gone, as the join has it. */
function claimed(tables: Tables, { runId, slot, number, input }: LeaseLine): ClaimedRow[] {
  const birth = tables.runs.get(runId)?.birth;
  if (birth === undefined) return [];
  const { ref, packDigest, traceparent } = birth;
  return [
    { runId, slot, number, input: JSON.parse(input ?? "null"), ref, packDigest, traceparent },
  ];
}

function mayStart(run: RunLine | undefined): boolean {
  return run?.canceling !== true && (run?.pausedBy ?? null) === null;
}

/** Instants have no effects: a cancel that only waits for who has the definition leaves them. */
function mayLease(run: RunLine | undefined): boolean {
  return mayStart(run) && (run?.asked ?? null) === null;
}

/** `readyInstants`: the same rows as in instant-backlog.store.ts. */
export function readyInstants(
  tables: Tables,
  after: InstantPlace | undefined,
  skip: number,
  limit: number,
): InstantStretch {
  const rows = [...tables.dispatch.values()]
    .filter((row) => row.queue === "" && row.state === "ready" && row.runner === INSTANT)
    .sort(byPlace)
    .filter((row) => after === undefined || byPlace(row, after) > 0)
    .slice(skip, skip + limit);
  const ready = rows.flatMap(({ runId, slot, number, priority, input }) => {
    const stored = loadStored(tables, runId, { ended: false });
    if (stored === undefined || !mayStart(tables.runs.get(runId))) return [];
    return [{ runId, slot, number, priority, input: JSON.parse(input), stored }];
  });
  const last = rows.length < limit ? undefined : rows.at(-1);
  return { ready, next: last && { runId: last.runId, slot: last.slot, priority: last.priority } };
}

function byPlace(a: InstantPlace, b: InstantPlace): number {
  return a.priority - b.priority || compare(a.runId, b.runId) || compare(a.slot, b.slot);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

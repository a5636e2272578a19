import type { AttemptRow } from "../../src/engine/attempt-row.ts";
import type { LostInstants, LostLease } from "../../src/engine/scheduler/recovery.store.ts";
import type { Outlook } from "../../src/engine/scheduler/scheduler.store.ts";
import { SESSION_LIFE_MS, type SessionRow } from "../../src/engine/sessions/sessions.store.ts";
import { childrenAtRest } from "./children.ts";
import { isPaused, type RunLine, rowKey, type SessionLine, type Tables } from "./tables.ts";

const SWEEP_MARGIN_MS = 60_000;
const STOP_ASKED_MS = 5_000;

export function outlook(tables: Tables, own: string, host: string, nowMs: number): Outlook {
  const sessions = [...tables.sessions.values()];
  const others = sessions.filter(({ id, endedAt }) => endedAt === null && id !== own);
  const rows = [...tables.dispatch.values()];
  const due = Math.min(
    ...[...tables.timers.values()].map(({ dueAt }) => dueAt),
    ...rows.map((row) => (row.state === "delayed" ? (row.dueAt as number) : Infinity)),
  );
  return {
    dueInMs: due === Infinity ? null : due - nowMs,
    ready: rows.some(({ state }) => state === "ready"),
    lost: lost(tables).length + lostInstants(tables).length > 0,
    children: childrenAtRest(tables, nowMs).length > 0,
    asked: [...tables.runs.values()].some(({ asked }) => asked !== null),
    stopped: rows.some((row) => tables.runs.get(row.runId)?.canceling === true),
    expired: sessions.some(({ endedAt, expiresAt }) => endedAt === null && expiresAt < nowMs),
    neighbours: others
      .filter((session) => session.host === host)
      .map(({ id, pid, processStart }) => ({ id, pid, processStart })),
    others: others.length,
    otherBuilds: false,
  };
}

export function lost(tables: Tables, without: readonly string[] = []): LostLease[] {
  const found: LostLease[] = [];
  for (const row of tables.leases.values()) {
    const session = tables.sessions.get(row.session);
    if (session === undefined || session.swept || session.endedAt === null) continue;
    if (without.includes(row.runId)) continue;
    const leasedAt = new Date(row.leasedAt).toISOString();
    found.push({ ...attemptRow(row), sessionId: session.id, host: session.host, leasedAt });
  }
  return found;
}

export function dropLost(tables: Tables, rows: readonly LostLease[]): void {
  for (const { runId, slot, number } of rows)
    if (!tables.runs.has(runId)) tables.leases.delete(rowKey(runId, slot, number));
}

export function lostInstants(tables: Tables): LostInstants[] {
  return [...tables.runs].flatMap(([runId, { instantBy }]) => {
    const session = instantBy === null ? undefined : tables.sessions.get(instantBy);
    if (session === undefined || session.swept || session.endedAt === null) return [];
    return [{ runId, sessionId: session.id }];
  });
}

export function clearInstants(tables: Tables, { runId, sessionId }: LostInstants): void {
  const run = tables.runs.get(runId);
  if (run?.instantBy === sessionId) run.instantBy = null;
}

export function dueTimers(tables: Tables, nowMs: number): AttemptRow[] {
  const due = [...tables.timers.values()].filter(({ dueAt }) => dueAt <= nowMs);
  return due.sort((a, b) => a.dueAt - b.dueAt).map(attemptRow);
}

export function putOffTimers(
  tables: Tables,
  rows: readonly AttemptRow[],
  delayMs: number,
  nowMs: number,
): void {
  for (const { runId, slot, number } of rows) {
    const timer = tables.timers.get(rowKey(runId, slot, number));
    if (timer !== undefined && timer.dueAt <= nowMs) timer.dueAt = nowMs + delayMs;
  }
}

export function readyDelayed(tables: Tables, nowMs: number): number {
  const due = [...tables.dispatch.values()].filter(
    (row) => row.state === "delayed" && (row.dueAt as number) <= nowMs,
  );
  for (const row of due) {
    row.state = isPaused(tables, row.runId) ? "paused" : "ready";
    row.dueAt = null;
  }
  return due.filter(({ state }) => state === "ready").length;
}

/** Attempts of runs that are being canceled that no worker has. */
export function stopped(tables: Tables, runId?: string): AttemptRow[] {
  return [...tables.dispatch.values()]
    .filter((row) => tables.runs.get(row.runId)?.canceling && (runId ?? row.runId) === row.runId)
    .map(attemptRow);
}

export function stopsOf(tables: Tables, sessionId: string, nowMs: number): AttemptRow[] {
  const isStopped = (run: RunLine | undefined): boolean =>
    run !== undefined && (run.canceling || (run.asked?.at ?? nowMs) < nowMs - STOP_ASKED_MS);
  return [...tables.leases.values()]
    .filter((row) => row.session === sessionId && isStopped(tables.runs.get(row.runId)))
    .map(attemptRow);
}

export function insertSession(tables: Tables, row: SessionRow, nowMs: number): void {
  const before = tables.sessions.get(row.id);
  if (before !== undefined) {
    if (before.endedAt === null) before.expiresAt = nowMs + SESSION_LIFE_MS;
    return;
  }
  const line = {
    ...row,
    expiresAt: nowMs + SESSION_LIFE_MS,
    endedAt: null,
    endedSince: 0,
    swept: false,
  };
  tables.sessions.set(row.id, line);
}

export function renew(tables: Tables, id: string, nowMs: number): boolean {
  const session = tables.sessions.get(id);
  if (session === undefined || session.endedAt !== null) return false;
  session.expiresAt = nowMs + SESSION_LIFE_MS;
  return true;
}

export function endSessions(
  tables: Tables,
  nowMs: number,
  which: (session: SessionLine) => boolean,
): SessionLine[] {
  const ended = [...tables.sessions.values()].filter((s) => s.endedAt === null && which(s));
  tables.commits++;
  for (const session of ended) {
    session.endedAt = nowMs;
    session.endedSince = tables.commits;
  }
  return ended;
}

export function sweep(tables: Tables, nowMs: number): void {
  for (const session of tables.sessions.values()) {
    if (session.endedAt === null || session.endedAt >= nowMs - SWEEP_MARGIN_MS) continue;
    const holds =
      [...tables.leases.values()].some((row) => row.session === session.id) ||
      [...tables.runs.values()].some((run) => run.instantBy === session.id);
    if (!holds) session.swept = true;
  }
}

function attemptRow({ runId, slot, number }: AttemptRow): AttemptRow {
  return { runId, slot, number };
}

import type { AskedCancel, OpenRows } from "../../src/engine/abandon/asked-cancels.store.ts";
import { childEnd, withdrawChild } from "./children.ts";
import type { RunLine, Tables } from "./tables.ts";
import type { Breakage } from "./write-ops.ts";

/** Notes the wish, of the run and of all runs that are its steps; gives those that it is news of. */
export function askCancel(tables: Tables, runId: string, by: string, nowMs: number): string[] {
  const run = tables.runs.get(runId);
  if (run === undefined) return [];
  const isNews = run.asked === null;
  run.asked ??= { by, at: nowMs };
  const below = [...tables.children.values()].filter(
    (row) => row.parentId === runId && row.state === "started",
  );
  return [
    ...(isNews ? [runId] : []),
    ...below.flatMap(({ childId }) => askCancel(tables, childId, `run:${runId}`, nowMs)),
  ];
}

export function askedCancels(tables: Tables, nowMs: number, broken: Breakage = {}): AskedCancel[] {
  const asked = [...tables.runs].filter((entry): entry is [string, RunLine & Asked] => {
    return entry[1].asked !== null;
  });
  return asked
    .sort(([, a], [, b]) => a.asked.at - b.asked.at)
    .map(
      ([
        runId,
        {
          asked: { by, at },
        },
      ]) => ({
        ...{ runId, by, askedMs: nowMs - at },
        isLeaf:
          broken.leaf === true ||
          ![...tables.children.values()].some(
            (row) => row.parentId === runId && row.state === "started",
          ),
      }),
    );
}

interface Asked {
  readonly asked: NonNullable<RunLine["asked"]>;
}

export function forgetCancel(tables: Tables, runId: string): void {
  const run = tables.runs.get(runId);
  if (run !== undefined) run.asked = null;
}

export function openRows(tables: Tables, runId: string, broken: Breakage = {}): OpenRows {
  const of = <Row extends { readonly runId: string }>(rows: Iterable<Row>): Row[] =>
    [...rows].filter((row) => row.runId === runId);
  const calls = [...tables.children.values()].filter(({ parentId }) => parentId === runId);
  return {
    isAsked: (tables.runs.get(runId)?.asked ?? null) !== null,
    attempts: [
      ...of(tables.dispatch.values()).map((row) => ({
        ...placeOf(row),
        worker: null,
        leasedAtMs: null,
      })),
      ...of(tables.leases.values()).map((row) => ({
        ...{ ...placeOf(row), worker: row.session, leasedAtMs: Math.floor(row.leasedAt) },
      })),
    ],
    timers: of(tables.timers.values()).map(placeOf),
    inquiries: of(tables.inquiries.values())
      .filter(({ status }) => status === "open")
      .map(placeOf),
    children: calls.map(({ childId, slot, number }) => {
      const { status = null, output = null, error = null } = childEnd(tables, childId) ?? {};
      return {
        slot,
        number,
        run: childId,
        status,
        output,
        error,
        isLive: broken.leaf !== true && tables.runs.has(childId),
      };
    }),
  };
}

export function withdrawUnborn(tables: Tables, runId: string, nowMs: number): void {
  for (const row of tables.children.values())
    if (row.parentId === runId) withdrawChild(tables, row.childId, nowMs);
}

export function dropLeases(tables: Tables, runId: string): void {
  if (tables.runs.has(runId)) return;
  for (const [key, row] of tables.leases) if (row.runId === runId) tables.leases.delete(key);
}

function placeOf({ slot, number }: { readonly slot: string; readonly number: number }) {
  return { slot, number };
}

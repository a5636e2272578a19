import type { ClientBase } from "pg";
import type { CommitPart } from "../engine.types.ts";
import { insertChanges } from "../feed/feed.store.ts";
import type { Change } from "../feed/feed.types.ts";
import { findJournaled, lockLanes, turnPauses, writeRunOps } from "./flush.store.ts";
import type { DispatchRow, RunOp } from "./run-op.types.ts";
import { inTransaction } from "./transaction.store.ts";

/** What is committed whole or not at all: rows of a feature, and the advances of runs. */
export interface Unit {
  readonly part?: { readonly kind: CommitPart<unknown>; readonly row: unknown };
  /** Applied behind the part, and only where that has not refused the unit. */
  readonly also?: Unit["part"];
  readonly ops: readonly RunOp[];
  readonly announce?: readonly Change[];
  readonly bytes?: number;
}

/**
 * `done`: durable. `conflict`: the run has moved on, decide again. `refused`: the unit's part said no.
 * `ended`: this process's session was ended, nothing was written.
 */
export type UnitOutcome = "done" | "conflict" | "ended" | { readonly refused: string };

export interface Sent {
  readonly unit: Unit;
  /** Sent before over a connection that was lost: it may be durable already. */
  readonly again: boolean;
}

/**
 * Writes a batch of units in one commit and says what became of each. Plain advances are one statement; units with
 * a part, with something to announce, with attempts for keyed lanes, or that pause runs, share a transaction.
 */
export async function writeBatch(
  client: ClientBase,
  sessionId: string,
  batch: readonly Sent[],
): Promise<UnitOutcome[]> {
  if (batch.every(({ unit }) => isPlain(unit))) return await writeUnits(client, sessionId, batch);
  const late = new Set<Sent>();
  for (;;) {
    const going = batch.filter((sent) => !late.has(sent));
    const written = await writeTogether(client, sessionId, going);
    if ("outcomes" in written)
      return batch.map((sent) =>
        late.has(sent) ? "conflict" : (written.outcomes[going.indexOf(sent)] as UnitOutcome),
      );
    for (const sent of written.late) late.add(sent);
  }
}

/** `late`: nothing was written, since the rows of these would have stayed without the advances that they belong to. */
type Together = { readonly outcomes: UnitOutcome[] } | { readonly late: readonly Sent[] };

async function writeTogether(
  client: ClientBase,
  sessionId: string,
  batch: readonly Sent[],
): Promise<Together> {
  const lanes = lanesOf(batch);
  return await inTransaction<Together>(client, async (behind) => {
    if (lanes.length > 0) await lockLanes(client, lanes);
    const refusals = await applyParts(client, batch);
    const going = batch.filter((sent) => !refusals.has(sent));
    behind(
      insertChanges(
        client,
        going.flatMap(({ unit }) => unit.announce ?? []),
      ),
    );
    const outcomes = await writeUnits(client, sessionId, going);
    // A part's rows must not stay without its runs.
    if (outcomes.includes("ended"))
      return {
        rollback: {
          outcomes: batch.map((sent) =>
            outcomes[going.indexOf(sent)] === "done" && sent.unit.ops.length > 0 ? "done" : "ended",
          ),
        },
      };
    const late = going.filter(({ unit }, i) => outcomes[i] === "conflict" && hasRows(unit));
    if (late.length > 0) return { rollback: { late } };
    return {
      commit: {
        outcomes: batch.map(
          (sent) => refusals.get(sent) ?? (outcomes[going.indexOf(sent)] as UnitOutcome),
        ),
      },
    };
  });
}

/** Rows beside its advances. */
function hasRows({ part, also, announce }: Unit): boolean {
  return part !== undefined || also !== undefined || announce !== undefined;
}

/** Whether advances are all that a unit is: it needs no transaction around its statement. */
export function isPlain(unit: Unit): boolean {
  return !hasRows(unit) && !unit.ops.some((op) => op.turnsPause || entersKeyedLane(op));
}

async function writeUnits(
  client: ClientBase,
  sessionId: string,
  batch: readonly Sent[],
): Promise<UnitOutcome[]> {
  const resent = batch.filter((sent) => sent.again).flatMap(({ unit }) => unit.ops);
  // Asked first: what is durable may have ended since, and a birth must not be written beside its own history.
  const before = await journaled(client, resent);
  const ops = batch.flatMap(({ unit }) => unit.ops).filter((op) => !before.has(op.runId));
  if (ops.length === 0) return batch.map(() => "done");
  const written = await writeRunOps(client, sessionId, ops);
  const turned = ops.filter(({ turnsPause, runId }) => turnsPause && written.done.has(runId));
  if (turned.length > 0)
    await turnPauses(
      client,
      turned.map(({ runId }) => runId),
    );
  // And again: what was sent over the lost connection may have been written only now.
  const after = await journaled(
    client,
    resent.filter(({ runId }) => !before.has(runId) && !written.done.has(runId)),
  );
  return batch.map(({ unit }) => {
    const isDone = ({ runId }: RunOp): boolean =>
      written.done.has(runId) || before.has(runId) || after.has(runId);
    if (unit.ops.every(isDone)) return "done";
    return written.live ? "conflict" : "ended";
  });
}

async function journaled(client: ClientBase, ops: readonly RunOp[]): Promise<ReadonlySet<string>> {
  return ops.length === 0 ? new Set() : await findJournaled(client, ops);
}

async function applyParts(
  client: ClientBase,
  batch: readonly Sent[],
): Promise<Map<Sent, { refused: string }>> {
  const refusals = new Map<Sent, { refused: string }>();
  for (const [kind, all] of partsByKind(batch)) {
    const going = all.filter(({ sent }) => !refusals.has(sent));
    if (going.length === 0) continue;
    const answers = await kind.apply(
      client,
      going.map(({ row }) => row),
    );
    going.forEach(({ sent }, i) => {
      const answer = answers[i];
      if (answer !== undefined && answer !== "ok") refusals.set(sent, answer);
    });
  }
  return refusals;
}

type OfUnit = { readonly sent: Sent; readonly row: unknown };

/** Each kind once; those that are last behind the others, whichever unit came first. */
function partsByKind(batch: readonly Sent[]): [CommitPart<unknown>, OfUnit[]][] {
  const kinds = new Map<CommitPart<unknown>, OfUnit[]>();
  for (const sent of batch) {
    for (const part of [sent.unit.part, sent.unit.also]) {
      if (part === undefined) continue;
      const same = kinds.get(part.kind);
      if (same === undefined) kinds.set(part.kind, [{ sent, row: part.row }]);
      else same.push({ sent, row: part.row });
    }
  }
  const place = ([{ isLast }]: readonly [CommitPart<unknown>, unknown]): number =>
    Number(isLast ?? false);
  return [...kinds].sort((a, b) => place(a) - place(b));
}

function lanesOf(batch: readonly Sent[]): string[] {
  const lanes = new Set<string>();
  for (const { unit } of batch) {
    for (const { dispatch } of unit.ops)
      for (const row of dispatch) if (isForKeyedLane(row)) lanes.add(row.queue);
  }
  return [...lanes];
}

function entersKeyedLane({ dispatch }: RunOp): boolean {
  return dispatch.some(isForKeyedLane);
}

function isForKeyedLane({ queue, key }: DispatchRow): boolean {
  return key !== null && queue !== "";
}

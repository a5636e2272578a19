import type { Pool } from "pg";
import { expect, it } from "vitest";
import { dropLeases } from "../src/engine/abandon/asked-cancels.store.ts";
import { writeBatch } from "../src/engine/commit/flush.ts";
import type { RunOp } from "../src/engine/commit/run-op.types.ts";
import { inTransaction } from "../src/engine/commit/transaction.store.ts";
import { stoppedUnleased } from "../src/engine/keeper/keeper.store.ts";
import { stopsForSession } from "../src/engine/scheduler/scheduler.store.ts";
import { insertSession } from "../src/engine/sessions/sessions.store.ts";
import { claimReady } from "../src/engine/worker/claim.store.ts";
import { blockedStatements } from "./conformance/tables.store.ts";
import { createTestDatabase } from "./test-database.ts";

const SESSION = "00000000-0000-7000-8000-0000000000a1";
const CLAIM = "00000000-0000-7000-8000-0000000000c1";
const RUN = "00000000-0000-7000-8000-000000000001";
const AT = new Date(1_700_000_000_000);
const NOTHING = {
  ...{ ended: [], firedTimers: [], dispatch: [], timers: [], stops: [] },
  ...{ isChild: false, children: [], endedChildren: [], inquiries: [], settledInquiries: [] },
};

const BIRTH: RunOp = {
  ...NOTHING,
  ...{
    opId: CLAIM,
    runId: RUN,
    sessionId: SESSION,
    expected: 0,
    canceling: false,
    instant: null,
    pausedBy: null,
    turnsPause: false,
    keyed: false,
    at: AT,
  },
  ...{ events: "[]", decisions: "[]", changes: '{"type":"test"}' },
  create: {
    ...{ ref: "w", packDigest: null, input: "{}", createdAt: AT, createdBy: "test" },
    ...{ eventId: null, rule: null, retryOf: null, traceparent: null, parent: null },
  },
  dispatch: [
    {
      ...{ slot: "a", number: 1, state: "ready", runner: "process", ref: "w", input: "{}" },
      ...{ queue: "", key: null, priority: 5, delayMs: 0 },
    },
  ],
};
const { create: _, ...BORN } = BIRTH;
const CANCEL: RunOp = {
  ...BORN,
  ...NOTHING,
  ...{ opId: SESSION, expected: 1, canceling: true },
  stops: [{ slot: "a", number: 1 }],
};

const ABANDON: RunOp = {
  ...CANCEL,
  ...{ stops: [], finish: { status: "canceled", output: null, outputs: null, error: null } },
  ended: [{ slot: "a", number: 1, status: "canceled", place: "leases", worker: null }],
};

/** Writes an advance of a run while a claim of its attempt is under way; then `and`, when both are durable. */
async function duringClaim<T>(op: RunOp, and: (pool: Pool) => Promise<T>): Promise<T> {
  const { database, drop } = await createTestDatabase();
  const { pool } = database;
  const [claimer, writer] = await Promise.all([
    database.connectHot("claimer"),
    database.connectHot("writer"),
  ]);
  const row = { id: SESSION, host: "h", pid: 1, processStart: "1", roles: [], owner: false };
  await insertSession(claimer, row);
  await writeBatch(claimer, SESSION, [{ unit: { ops: [BIRTH] }, again: false }]);
  const { written } = await inTransaction(claimer, async () => {
    const by = { sessionId: SESSION, claimId: CLAIM };
    expect(await claimReady(claimer as never, by, "process", 1)).toHaveLength(1);
    let isOver = false;
    const writing = writeBatch(writer, SESSION, [{ unit: { ops: [op] }, again: false }]).finally(
      () => {
        isOver = true;
      },
    );
    while (!isOver && (await blockedStatements(pool)) === 0);
    return { commit: { written: writing } };
  });
  expect(await written).toEqual(["done"]);
  const told = await and(pool);
  await drop();
  return told;
}

it("lets a cancel see the lease of a claim that was faster, which nobody would end otherwise", async () => {
  // It waited for the claim: what it then reads has no attempt left to be ended without its worker.
  const read = (pool: Pool) =>
    Promise.all([stoppedUnleased(pool, RUN), stopsForSession(pool, SESSION)]);
  expect(await duringClaim(CANCEL, read)).toEqual([[], [{ runId: RUN, slot: "a", number: 1 }]]);
});

it("leaves no lease of a run that is ended without its definition, though the claim was faster", async () => {
  const leases = async (pool: Pool) => (await pool.query("SELECT slot FROM leases")).rows;
  const [before, after] = await duringClaim(ABANDON, async (pool) => {
    const left = await leases(pool);
    await dropLeases(pool, RUN);
    return [left, await leases(pool)];
  });
  expect(before).toEqual([{ slot: "a" }]);
  expect(after).toEqual([]);
});

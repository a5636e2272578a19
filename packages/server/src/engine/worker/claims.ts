import { type LaneRate, readPayload, stepOfSlot } from "@yardmaster/kernel";
import type { ClientBase } from "pg";
import type { Database } from "../../db/index.ts";
import type { DefinitionSource } from "../engine.types.ts";
import { holdLane, recordStarts, roomOfRate } from "../lanes/lane-rate.store.ts";
import type { Assignment } from "./assignment.ts";
import {
  type ClaimedRow,
  type Claimer,
  claimKeyedLane,
  claimLane,
  claimReady,
  leasedByClaims,
  leasedInLane,
  lockLane,
  type WaitingLane,
  waitingLanes,
} from "./claim.store.ts";
import type { RunnerKind } from "./runner-kind.ts";

/** A claim whose answer was lost may have leased all the same, or do so in a moment: it is looked for so long. */
const UNSURE_MS = 60_000;

/** What was leased of a lane; `inMs` is until its rate has room again, null where it has some left. */
export interface Admission {
  readonly rows: ClaimedRow[];
  readonly inMs: number | null;
}

const NOTHING: Admission = { rows: [], inMs: null };

/** What the claims ask of the store. Each leases whole or not at all. */
export interface ClaimStore {
  claimReady(claimer: Claimer, runner: string, limit: number): Promise<ClaimedRow[]>;
  /** Lanes with ready attempts, without those that are full; those whose rate is used up say until when. */
  waitingLanes(): Promise<readonly WaitingLane[]>;
  /** Admission: counts and leases under the lane's lock, so that no limit is exceeded by two who count at once. */
  admit(claimer: Claimer, queue: string, runner: string, limit: number): Promise<Admission>;
  leasedByClaims(
    sessionId: string,
    claimIds: readonly string[],
  ): Promise<(ClaimedRow & { readonly claimId: string })[]>;
}

export function createClaimStore(database: Database): ClaimStore {
  const { pool } = database;
  return {
    claimReady: (claimer, runner, limit) => claimReady(pool, claimer, runner, limit),
    waitingLanes: () => waitingLanes(pool),
    leasedByClaims: (sessionId, claimIds) => leasedByClaims(pool, sessionId, claimIds),
    admit: (claimer, queue, runner, limit) =>
      database.withTransaction(async (client) => {
        const limits = await lockLane(client, queue);
        if (limits.paused) return NOTHING;
        const room =
          limits.concurrency === null
            ? limit
            : limits.concurrency - (await leasedInLane(client, queue));
        const count = Math.min(limit, room);
        if (count <= 0) return NOTHING;
        const claim = (most: number): Promise<ClaimedRow[]> =>
          !limits.fifo && limits.keyConcurrency === null
            ? claimLane(client, claimer, queue, runner, most)
            : claimKeyedLane(client, claimer, queue, runner, most, limits);
        return limits.rate === null
          ? { rows: await claim(count), inMs: null }
          : await admitAtRate(client, queue, limits.rate, count, claim);
      }),
  };
}

/** Within the rate that is left; the lane's row is locked. */
async function admitAtRate(
  client: ClientBase,
  queue: string,
  rate: LaneRate,
  count: number,
  claim: (most: number) => Promise<ClaimedRow[]>,
): Promise<Admission> {
  const left = await roomOfRate(client, queue, rate);
  const rows = left === 0 ? [] : await claim(Math.min(count, left));
  if (rows.length > 0) await recordStarts(client, queue, rows.length);
  return { rows, inMs: rows.length < left ? null : await holdLane(client, queue, rate) };
}

export interface ClaimsDeps {
  readonly store: ClaimStore;
  readonly definitions: DefinitionSource;
  readonly sessionId: () => string;
  /** A lane with ready attempts has used its rate up, for so many milliseconds. */
  readonly onHeld: (inMs: number) => void;
  readonly newId: () => string;
  readonly now: () => number;
  readonly monotonicMs: () => number;
}

type Free = { readonly [R in RunnerKind]: number };

/** Leases ready attempts for one session: this process's, or a node's. */
export function createClaims(deps: ClaimsDeps) {
  const { store } = deps;
  const unsure = new Map<string, { readonly sessionId: string; readonly since: number }>();

  /** One claim, from its statement to its assignments: where either fails, `recall` finds what it leased. */
  async function claiming(
    claim: (claimer: Claimer) => Promise<ClaimedRow[]>,
  ): Promise<Assignment[]> {
    const claimer = { sessionId: deps.sessionId(), claimId: deps.newId() };
    try {
      const got = await assignments(await claim(claimer));
      // Leased for a session that was ended meanwhile: others may have it already.
      return deps.sessionId() === claimer.sessionId ? got : [];
    } catch (error) {
      unsure.set(claimer.claimId, { sessionId: claimer.sessionId, since: deps.monotonicMs() });
      throw error;
    }
  }

  /** `runner`: a RunnerKind, or the target of nodes. */
  function claim(runner: string, limit: number): Promise<Assignment[]> {
    return claiming((claimer) => store.claimReady(claimer, runner, limit));
  }

  /** The same of one lane, by its limits. */
  function admit(queue: string, runner: string, limit: number): Promise<Assignment[]> {
    return claiming(async (claimer) => {
      const { rows, inMs } = await store.admit(claimer, queue, runner, limit);
      if (inMs !== null) deps.onHeld(inMs);
      return rows;
    });
  }

  /** Hands over what each lane gave at once: an error in a later lane must not lose it. */
  async function claimLanes(free: Free, take: (got: Assignment[]) => void): Promise<void> {
    const left = { ...free };
    for (const { queue, inMs } of await store.waitingLanes()) {
      if (inMs > 0) {
        deps.onHeld(inMs);
        continue;
      }
      for (const runner of ["core", "process"] as const) {
        if (left[runner] === 0) continue;
        const got = await admit(queue, runner, left[runner]);
        left[runner] -= got.length;
        take(got);
      }
    }
  }

  /** What claims leased whose answer was lost: nobody else would ever carry it out while this session lives. */
  async function recall(): Promise<Assignment[]> {
    const sessionId = deps.sessionId();
    for (const [id, claim] of unsure) {
      if (claim.sessionId !== sessionId || deps.monotonicMs() - claim.since > UNSURE_MS)
        unsure.delete(id);
    }
    if (unsure.size === 0) return [];
    const rows = await store.leasedByClaims(sessionId, [...unsure.keys()]);
    const found = await assignments(rows);
    for (const { claimId } of rows) unsure.delete(claimId);
    return deps.sessionId() === sessionId ? found : [];
  }

  async function assignments(rows: readonly ClaimedRow[]): Promise<Assignment[]> {
    const leasedAt = deps.now();
    return await Promise.all(
      rows.map(async ({ runId, slot, number, input, ref, packDigest, traceparent }) => {
        const workflow = await deps.definitions.pinned(ref, packDigest);
        const step = stepOfSlot(workflow, slot);
        if (step === undefined)
          throw new Error(`run ${runId} has no step "${slot}" in the pack it pins (c5n8)`);
        return { runId, slot, number, step, ...readPayload(step, input), traceparent, leasedAt };
      }),
    );
  }

  return { claim, admit, claimLanes, recall, isUnsure: (): boolean => unsure.size > 0 };
}

export type Claims = ReturnType<typeof createClaims>;

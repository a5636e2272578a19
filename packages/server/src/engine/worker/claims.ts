import { readPayload, stepOfSlot } from "@yardmaster/kernel";
import type { Database } from "../../db/index.ts";
import type { DefinitionSource } from "../engine.types.ts";
import { createAdmission, type Sight } from "./admission.ts";
import type { Assignment } from "./assignment.ts";
import {
  type ClaimedRow,
  type Claimer,
  claimReady,
  type HeldRow,
  leasedByClaims,
  putBack,
  stillLeased,
} from "./claim.store.ts";
import type { ClaimStore } from "./claims.types.ts";
import { createHeldUp } from "./held-up.ts";
import { waitingLanes } from "./lane.store.ts";
import type { RunnerKind } from "./runner-kind.ts";

/**
 * A claim whose answer was lost may have leased all the same, or do so in a moment: it is looked for so long, and until
 * PostgreSQL has answered after that. It may be away for longer, and the session live on.
 */
const UNSURE_MS = 60_000;
/** How soon such a claim is looked for. */
const LOOK_AGAIN_MS = 500;

export function createClaimStore(database: Database, sight?: Sight): ClaimStore {
  const { pool } = database;
  return {
    claimReady: (claimer, runner, limit) => claimReady(pool, claimer, runner, limit),
    waitingLanes: () => waitingLanes(pool),
    leasedByClaims: (sessionId, claimIds) => leasedByClaims(pool, sessionId, claimIds),
    stillLeased: (sessionId, rows) => stillLeased(pool, sessionId, rows),
    putBack: (sessionId, rows) => putBack(pool, sessionId, rows),
    ...createAdmission(database, sight),
  };
}

export interface ClaimsDeps {
  readonly store: ClaimStore;
  readonly definitions: DefinitionSource;
  readonly sessionId: () => string;
  /** A lane with ready attempts has used its rate up, for so many milliseconds. */
  readonly onHeld: (inMs: number) => void;
  /** Attempts were put back: others may take them, and their lanes have room. */
  readonly onPutBack: () => void;
  readonly onError: (error: unknown, what: string) => void;
  readonly newId: () => string;
  readonly now: () => number;
  readonly monotonicMs: () => number;
}

type Free = { readonly [R in RunnerKind]: number };

/** Leases ready attempts for one session: this process's, or a node's. */
export function createClaims(deps: ClaimsDeps) {
  const { store } = deps;
  /** Claims whose answer was lost. */
  const unsure = new Map<string, { readonly sessionId: string; readonly since: number }>();
  const heldUp = createHeldUp(deps);

  /** One claim: where it fails, `recall` finds what it leased. */
  async function claiming(
    claim: (claimer: Claimer) => Promise<ClaimedRow[]>,
  ): Promise<Assignment[]> {
    const without = heldUp.passedBy();
    const claimer = { sessionId: deps.sessionId(), claimId: deps.newId(), without };
    const { sessionId, claimId } = claimer;
    const rows = await claim(claimer).catch((error: unknown) => {
      unsure.set(claimId, { sessionId, since: deps.monotonicMs() });
      throw error;
    });
    return await assignments(
      rows.map((row) => ({ ...row, claimId })),
      sessionId,
    );
  }

  /** `runner`: a RunnerKind, or the target of nodes. */
  function claim(runner: string, limit: number): Promise<Assignment[]> {
    return claiming((claimer) => store.claimReady(claimer, runner, limit));
  }

  /** The same of one lane, by its limits. `isShut`: nobody is admitted to it any more. */
  async function admit(
    queue: string,
    runner: string,
    limit: number,
  ): Promise<{ readonly got: Assignment[]; readonly isShut: boolean }> {
    let isShut = false;
    const got = await claiming(async (claimer) => {
      const { rows, inMs, ...lane } = await store.admit(claimer, queue, runner, limit);
      if (inMs !== null) deps.onHeld(inMs);
      isShut = lane.isShut;
      return rows;
    });
    return { got, isShut };
  }

  /** Hands over what each lane gave at once: an error in a later lane must not lose it. */
  async function claimLanes(free: Free, take: (got: Assignment[]) => void): Promise<void> {
    const left = { ...free };
    for (const { queue, inMs, kinds } of await store.waitingLanes()) {
      if (inMs > 0) {
        deps.onHeld(inMs);
        continue;
      }
      for (const runner of kinds) {
        if (left[runner] === 0) continue;
        const { got, isShut } = await admit(queue, runner, left[runner]);
        left[runner] -= got.length;
        take(got);
        if (isShut) break;
      }
    }
  }

  /** What was leased and not handed over: nobody else would ever carry it out while this session lives. */
  async function recall(): Promise<Assignment[]> {
    const sessionId = deps.sessionId();
    for (const [id, one] of unsure) if (one.sessionId !== sessionId) unsure.delete(id);
    heldUp.keepOnlyOf(sessionId);
    const found = unsure.size === 0 ? [] : await lookForUnsure(sessionId);
    const held = heldUp.isDue() ? await heldUp.look(sessionId) : [];
    return await assignments([...found, ...held], sessionId);
  }

  async function lookForUnsure(sessionId: string): Promise<readonly HeldRow[]> {
    const askedMs = deps.monotonicMs();
    const rows = await store.leasedByClaims(sessionId, [...unsure.keys()]);
    for (const { claimId } of rows) unsure.delete(claimId);
    for (const [id, { since }] of unsure) if (askedMs - since > UNSURE_MS) unsure.delete(id);
    return rows;
  }

  /** A definition that cannot be had holds up what needs it, and nothing that was leased with that. */
  async function assignments(rows: readonly HeldRow[], sessionId: string): Promise<Assignment[]> {
    const leasedAt = deps.now();
    const all = await Promise.all(
      rows.map(async (row) => {
        try {
          const assignment = await assignmentOf(row, leasedAt);
          heldUp.found(row);
          return [assignment];
        } catch (error) {
          heldUp.add(row, sessionId, error);
          return [];
        }
      }),
    );
    const others = heldUp.forOthers();
    if (others.length > 0) await heldUp.handBack(sessionId, others);
    // Leased for a session that was ended meanwhile: others may have it already.
    return deps.sessionId() === sessionId ? all.flat() : [];
  }

  async function assignmentOf(row: ClaimedRow, leasedAt: number): Promise<Assignment> {
    const { runId, slot, number, input, ref, packDigest, traceparent } = row;
    const workflow = await deps.definitions.pinned(ref, packDigest);
    const step = stepOfSlot(workflow, slot);
    if (step === undefined)
      throw new Error(`run ${runId} has no step "${slot}" in the pack it pins (c5n8)`);
    return { runId, slot, number, step, ...readPayload(step, input), traceparent, leasedAt };
  }

  return {
    ...{ claim, admit, claimLanes, recall },
    /** In how many milliseconds `recall` may find something; undefined: there is nothing to be found. */
    recallInMs(): number | undefined {
      return unsure.size > 0 ? LOOK_AGAIN_MS : heldUp.againInMs();
    },
  };
}

export type Claims = ReturnType<typeof createClaims>;

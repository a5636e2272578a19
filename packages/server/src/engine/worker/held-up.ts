import { attemptKey } from "../attempt-row.ts";
import { isDefinitionMissing } from "../keeper/definition-of.ts";
import type { ClaimedRow, HeldRow } from "./claim.store.ts";
import type { ClaimStore, WaitedRow } from "./claims.types.ts";
import { createOutOfReach } from "./out-of-reach.ts";

/** How soon a definition that cannot be had is looked for; twice as late each time, up to MAX_LOOK_MS. */
const FIRST_LOOK_MS = 500;
const MAX_LOOK_MS = 30_000;

export interface HeldUpDeps {
  readonly store: Pick<ClaimStore, "stillLeased" | "putBack">;
  /** Attempts were put back: others may take them, and their lanes have room. */
  readonly onPutBack: () => void;
  readonly onError: (error: unknown, what: string) => void;
  readonly monotonicMs: () => number;
}

/**
 * Attempts that are leased and cannot begin, since their definitions cannot be had. They are looked for again and again;
 * what others may have the definition of is put back, and passed by in later claims.
 */
export function createHeldUp({ store, onPutBack, onError, monotonicMs }: HeldUpDeps) {
  const heldUp = new Map<string, { readonly sessionId: string; readonly row: HeldRow }>();
  const outOfReach = createOutOfReach(monotonicMs);
  let next = { afterMs: FIRST_LOOK_MS, atMs: 0 };

  function inMs(): number {
    return Math.max(next.atMs - monotonicMs(), 0);
  }

  function lookAfter(afterMs: number): void {
    next = { afterMs, atMs: monotonicMs() + afterMs };
  }

  return {
    /** Names of packs and built-in actions that claims pass by. */
    passedBy: outOfReach.names,
    /** Its definition could not be had. */
    add(row: HeldRow, sessionId: string, error: unknown): void {
      const isFirst = !heldUp.has(attemptKey(row));
      if (isDefinitionMissing(error) ? outOfReach.note(nameOf(row)) : isFirst) {
        const what = `run ${row.runId} cannot go on without its definition; looking for it again`;
        onError(error, what);
      }
      if (isFirst) lookAfter(FIRST_LOOK_MS);
      heldUp.set(attemptKey(row), { sessionId, row });
    },
    /** Its definition is there. */
    found(row: HeldRow): void {
      heldUp.delete(attemptKey(row));
      outOfReach.found(nameOf(row));
    },
    /** Others have what was leased for an earlier session. */
    keepOnlyOf(sessionId: string): void {
      for (const [key, one] of heldUp) if (one.sessionId !== sessionId) heldUp.delete(key);
    },
    isDue: (): boolean => heldUp.size > 0 && inMs() === 0,
    /** Those that nobody has taken away meanwhile: a run may be ended without its definition. */
    async look(sessionId: string): Promise<readonly HeldRow[]> {
      const rows = [...heldUp.values()].map(({ row }) => row);
      const still = new Set((await store.stillLeased(sessionId, rows)).map(attemptKey));
      for (const row of rows) if (!still.has(attemptKey(row))) heldUp.delete(attemptKey(row));
      lookAfter(Math.min(next.afterMs * 2, MAX_LOOK_MS));
      return rows.filter((row) => still.has(attemptKey(row)));
    },
    /** What others may have the definition of. */
    forOthers(): WaitedRow[] {
      if (heldUp.size === 0) return [];
      const missing = new Set(outOfReach.names());
      return [...heldUp.values()].flatMap(({ row: { waited, ...row } }) =>
        waited !== undefined && missing.has(nameOf(row)) ? [{ ...row, waited }] : [],
      );
    },
    /** Where it cannot be known whether they are back they are looked for like all that is held up. */
    async handBack(sessionId: string, rows: readonly WaitedRow[]): Promise<void> {
      try {
        const back = await store.putBack(sessionId, rows);
        for (const row of back) heldUp.delete(attemptKey(row));
        if (back.length > 0) onPutBack();
      } catch (error) {
        onError(error, "attempts without their definitions could not be put back; trying again");
      }
    },
    /** In how many milliseconds something may be due, or what is passed by may be tried; undefined: never. */
    againInMs: (): number | undefined => (heldUp.size > 0 ? inMs() : outOfReach.againInMs()),
  };
}

/** Of what defines it: its pack's digest, or the ref of a built-in action. */
function nameOf({ packDigest, ref }: Pick<ClaimedRow, "packDigest" | "ref">): string {
  return packDigest ?? ref;
}

import type { AttemptRow } from "../attempt-row.ts";
import type { Admission } from "./admission.ts";
import type { ClaimedRow, Claimer, HeldRow, WaitedAs } from "./claim.store.ts";
import type { WaitingLane } from "./lane.store.ts";

/** What the claims ask of the store. Each leases whole or not at all. */
export interface ClaimStore {
  claimReady(claimer: Claimer, runner: string, limit: number): Promise<ClaimedRow[]>;
  /** Lanes with ready attempts, without those that are full; those whose rate is used up say until when. */
  waitingLanes(): Promise<readonly WaitingLane[]>;
  /** Up to `limit`, within what the lane allows. */
  admit(claimer: Claimer, queue: string, runner: string, limit: number): Promise<Admission>;
  leasedByClaims(sessionId: string, claimIds: readonly string[]): Promise<HeldRow[]>;
  /** Of these leases of the session, those that it has still; one whose run is gone is let go. */
  stillLeased(sessionId: string, rows: readonly HeldRow[]): Promise<AttemptRow[]>;
  /** Puts leases of the session back among what is ready; says which. */
  putBack(sessionId: string, rows: readonly WaitedRow[]): Promise<AttemptRow[]>;
}

/** A lease with what is needed to put it back among what is ready. */
export type WaitedRow = HeldRow & { readonly waited: WaitedAs };

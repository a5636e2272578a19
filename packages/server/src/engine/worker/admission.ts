import type { LaneRate } from "@yardmaster/kernel";
import type { ClientBase } from "pg";
import type { Database } from "../../db/index.ts";
import { holdLane, recordStarts, roomOfRate } from "../lanes/lane-rate.store.ts";
import type { ClaimedRow, Claimer } from "./claim.store.ts";
import { claimFront, claimKeys, type KeyedClaim, nextKeys } from "./keyed-lane.store.ts";
import { claimLane, leasedInLane, lockLane } from "./lane.store.ts";

/** What was leased of a lane; `inMs` is until its rate has room again, null where it has some left. */
export interface Admission {
  readonly rows: ClaimedRow[];
  readonly inMs: number | null;
  /** Nobody is admitted any more, whatever waits: it is paused, full, or its rate is used up. */
  readonly isShut: boolean;
}

/** What a claim looks at of a keyed lane: so many rows and keys in one transaction, so many pages of keys in all. */
export interface Sight {
  readonly rows: number;
  readonly keys: number;
  readonly pages: number;
}

/** The lane is locked for as long as it takes to look at one page: about 10 ms. */
export const SIGHT: Sight = { rows: 500, keys: 1_000, pages: 5 };

interface Found {
  readonly rows: ClaimedRow[];
  /** There are keys behind those that were looked at. */
  readonly goesOn: boolean;
}

/** Admission to lanes: counts and leases under the lane's lock, so that no limit is exceeded by two who count at once. */
export function createAdmission(database: Pick<Database, "withTransaction">, sight = SIGHT) {
  /** The key that the last look at a lane came to, where it did not see all; by lane and runner. */
  const lookedTo = new Map<string, string>();

  async function admit(
    claimer: Claimer,
    queue: string,
    runner: string,
    limit: number,
  ): Promise<Admission> {
    const rows: ClaimedRow[] = [];
    for (let page = 1; ; page++) {
      const left = limit - rows.length;
      const { goesOn, ...one } = await database.withTransaction((client) =>
        look(client, { claimer, queue, runner }, left, page),
      );
      rows.push(...one.rows);
      if (one.isShut || one.rows.length === left || !goesOn || page === sight.pages)
        return { ...one, rows };
    }
  }

  async function look(
    client: ClientBase,
    what: Pick<KeyedClaim, "claimer" | "queue" | "runner">,
    limit: number,
    page: number,
  ): Promise<Admission & Found> {
    const { claimer, queue, runner } = what;
    const limits = await lockLane(client, queue);
    const { concurrency, rate } = limits;
    const room =
      concurrency === null
        ? Number.POSITIVE_INFINITY
        : concurrency - (await leasedInLane(client, queue));
    if (limits.paused || room <= 0) return { rows: [], inMs: null, isShut: true, goesOn: false };
    const claim = async (most: number): Promise<Found> =>
      limits.fifo || limits.keyConcurrency !== null
        ? await claimKeyed(client, { ...what, limits, limit: most }, page)
        : { rows: await claimLane(client, claimer, queue, runner, most), goesOn: false };
    const count = Math.min(limit, room);
    const found =
      rate === null
        ? { ...(await claim(count)), inMs: null }
        : await admitAtRate(client, queue, rate, count, claim);
    return { ...found, isShut: found.inMs !== null || found.rows.length === room };
  }

  async function claimKeyed(client: ClientBase, claim: KeyedClaim, page: number): Promise<Found> {
    const front =
      page === 1 ? await claimFront(client, claim, sight.rows) : { rows: [], isAll: false };
    const limit = claim.limit - front.rows.length;
    if (limit === 0 || front.isAll) return { rows: front.rows, goesOn: false };
    const place = `${claim.queue}/${claim.runner}`;
    const keys = await nextKeys(client, claim, lookedTo.get(place), sight.keys);
    const behind = await claimKeys(client, { ...claim, limit }, keys);
    const goesOn = keys.length === sight.keys;
    // Where a page has more than was asked for, the next look is at the same.
    if (behind.length < limit) {
      if (goesOn) lookedTo.set(place, keys.at(-1) as string);
      else lookedTo.delete(place);
    }
    return { rows: [...front.rows, ...behind], goesOn };
  }

  return { admit };
}

/** Within the rate that is left; the lane's row is locked. */
async function admitAtRate(
  client: ClientBase,
  queue: string,
  rate: LaneRate,
  count: number,
  claim: (most: number) => Promise<Found>,
): Promise<Found & Pick<Admission, "inMs">> {
  const left = await roomOfRate(client, queue, rate);
  const found = left === 0 ? { rows: [], goesOn: false } : await claim(Math.min(count, left));
  const { rows } = found;
  if (rows.length > 0) await recordStarts(client, queue, rows.length);
  return { ...found, inMs: rows.length < left ? null : await holdLane(client, queue, rate) };
}

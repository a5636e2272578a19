import type { Timers } from "../scheduler/timers.ts";
import type { InstantPlace, InstantStretch, ReadyInstant } from "./instant-backlog.store.ts";

/** Attempts that are read at once, and batches that may be under way: one is written while the next is folded. */
const BATCH = 250;
const UNDER_WAY = 3;
/** After a reading that failed. */
const AGAIN_MS = 500;

export interface InstantBacklogDeps {
  readonly read: (
    after: InstantPlace | undefined,
    skip: number,
    limit: number,
  ) => Promise<InstantStretch>;
  /** Carries them out and records their ends with their runs; says how many it recorded. */
  readonly carryOutAll: (batch: readonly ReadyInstant[]) => Promise<number>;
  /** Living processes besides this one. */
  readonly others: () => number;
  readonly random: () => number;
  readonly timers: Timers;
  readonly onError: (error: unknown, what: string) => void;
}

/**
 * Burns down instant attempts that had to wait (their run was born by a process without a worker, or paused, or they
 * are tried again). Nobody leases them: such an attempt has no effects, so that it may be carried out twice, and the
 * version of its run lets one end be recorded. So of each only its end is written. Processes that are at it together
 * begin at different places, by chance.
 */
export function createInstantBacklog(deps: InstantBacklogDeps) {
  let waits = true;
  let isOpen = false;
  let working: Promise<void> | undefined;
  let cancelAgain = (): void => {};

  function wake(): void {
    if (!isOpen || !waits || working !== undefined) return;
    working = burnDown().then(
      () => {
        working = undefined;
        wake();
      },
      (error: unknown) => {
        working = undefined;
        deps.onError(error, "instant attempts that wait could not be read; trying again");
        cancelAgain();
        cancelAgain = deps.timers.after(AGAIN_MS, ready);
      },
    );
  }

  /** From the front to the end, again and again while that records anything. */
  async function burnDown(): Promise<void> {
    waits = false;
    let skip = Math.floor(deps.random() * (deps.others() + 1)) * BATCH;
    while (isOpen && ((await burnOnce(skip)) > 0 || skip > 0)) skip = 0;
  }

  async function burnOnce(skip: number): Promise<number> {
    const underWay: Promise<number>[] = [];
    let recorded = 0;
    let stretch = await deps.read(undefined, skip, BATCH);
    for (;;) {
      underWay.push(carryOutAll(stretch.ready));
      if (underWay.length >= UNDER_WAY) recorded += (await underWay.shift()) ?? 0;
      if (!isOpen || stretch.next === undefined) break;
      stretch = await deps.read(stretch.next, 0, BATCH);
    }
    for (const count of underWay) recorded += await count;
    return recorded;
  }

  async function carryOutAll(batch: readonly ReadyInstant[]): Promise<number> {
    try {
      return batch.length === 0 ? 0 : await deps.carryOutAll(batch);
    } catch (error) {
      deps.onError(error, "the ends of instant attempts that waited could not be recorded");
      return 0;
    }
  }

  function ready(): void {
    waits = true;
    wake();
  }

  return {
    /** Some may be ready. */
    ready,
    start(): void {
      isOpen = true;
      wake();
    },
    /** Reads no more; resolves when what was read is recorded. */
    async close(): Promise<void> {
      isOpen = false;
      cancelAgain();
      await working;
    },
  };
}

export type InstantBacklog = ReturnType<typeof createInstantBacklog>;

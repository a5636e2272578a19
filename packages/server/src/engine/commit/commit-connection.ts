import { AppError } from "@yardmaster/protocol";
import {
  type HotClient,
  isConnectionLoss,
  isInterruption,
  isOutOfRoom,
  standstillOf,
} from "../../db/index.ts";
import type { OnPoint } from "../points.ts";
import { type Unit, type UnitOutcome, writeBatch } from "./flush.ts";
import { countFlush, type FlushCounters } from "./flush-counters.ts";

/** So often a single write that was broken off is sent again. */
const INTERRUPTIONS_MOST = 3;

/** Probes come every few seconds; so long after a write that was refused they are told. */
const REFUSED_MS = 10_000;

export interface CommitConnectionDeps {
  /** A dedicated connection with pinned plans; called again after a loss. */
  readonly connect: () => Promise<HotClient>;
  readonly sessionId: () => string;
  readonly onPoint?: OnPoint | undefined;
  readonly onError: (error: unknown, what: string) => void;
  /** Told of each flush that is durable. */
  readonly onFlush?: ((units: number, tookMs: number) => void) | undefined;
}

export interface Waiting {
  readonly unit: Unit;
  readonly bytes: number;
  readonly resolve: (outcome: UnitOutcome) => void;
  readonly reject: (error: unknown) => void;
  /** Sent before over a connection that was lost: it may be durable already. */
  again: boolean;
}

export interface CommitConnection {
  /**
   * Never rejects: every unit of the batch is answered, however long PostgreSQL is away. Another may be under way if
   * both are single statements (`isPlain`): PostgreSQL carries them out one after the other, each with its commit.
   */
  flush(batch: readonly Waiting[]): Promise<void>;
  /** Why PostgreSQL takes no writes, while a flush waits for it. */
  standstill(): string | undefined;
  /**
   * Resolves when there is a connection to send a flush over, and the last flush was not refused a moment ago because
   * PostgreSQL has no room. @throws what keeps it from being made, or why it was refused.
   */
  reach(): Promise<void>;
  /** Rejects what is under way, and whatever comes after. */
  giveUp(why: AppError): void;
  close(): Promise<void>;
}

/** The connection that flushes go over: sends a batch until it is durable, and splits one that PostgreSQL refuses. */
export function createCommitConnection(
  deps: CommitConnectionDeps,
  reconnectMs: number,
  counters: FlushCounters,
): CommitConnection {
  let connecting: Promise<HotClient> | undefined;
  let standstill: string | undefined;
  /** Why the last flush found no room, and when: what fits into pages that are there goes through, so a look tells nothing. */
  let refused: { readonly error: unknown; readonly atMs: number } | undefined;
  let givenUp: AppError | undefined;
  const underWay = new Set<readonly Waiting[]>();

  async function flush(given: readonly Waiting[]): Promise<void> {
    if (givenUp !== undefined) return rejectAll(given, givenUp);
    underWay.add(given);
    let batch = given;
    let interruptions = 0;
    while (batch.length > 0 && givenUp === undefined) {
      connecting ??= deps.connect();
      const connection = connecting;
      try {
        const client = await connection;
        deps.onPoint?.("flush.before");
        const startedMs = performance.now();
        const outcomes = await writeBatch(client, deps.sessionId(), batch);
        deps.onPoint?.("flush.after");
        standstill = undefined;
        refused = undefined;
        countFlush(counters, batch, outcomes);
        deps.onFlush?.(batch.length, performance.now() - startedMs);
        underWay.delete(given);
        for (const [i, entry] of batch.entries()) entry.resolve(outcomes[i] as UnitOutcome);
        return;
      } catch (error) {
        // Both flushes of one connection are told of its loss; the next one is for both.
        if (
          !isConnectionLoss(error) &&
          !(isInterruption(error) && mayRepeat(batch, ++interruptions))
        ) {
          underWay.delete(given);
          return await split(batch, error);
        }
        deps.onError(error, "PostgreSQL is out of reach or broke a write off; writes wait for it");
        await leave(connection);
        standstill = standstillOf(error);
        if (standstill !== undefined) {
          if (isOutOfRoom(error)) refused = { error, atMs: performance.now() };
          batch = refuseNews(batch, standstill);
        }
        for (const entry of batch) entry.again = true;
        await new Promise((resolve) => setTimeout(resolve, reconnectMs));
      }
    }
    underWay.delete(given);
    standstill = undefined;
  }

  async function split(batch: readonly Waiting[], error: unknown): Promise<void> {
    if (batch.length === 1) {
      deps.onError(error, "PostgreSQL refused a write");
      batch[0]?.reject(error);
      return;
    }
    const middle = batch.length >> 1;
    await flush(batch.slice(0, middle));
    await flush(batch.slice(middle));
  }

  async function leave(connection: Promise<HotClient> | undefined): Promise<void> {
    if (connecting === connection) connecting = undefined;
    const lost = await connection?.catch(() => undefined);
    await lost?.end().catch(() => undefined);
  }

  async function reach(): Promise<void> {
    if (refused !== undefined && performance.now() - refused.atMs < REFUSED_MS) throw refused.error;
    connecting ??= deps.connect();
    const connection = connecting;
    try {
      await connection;
    } catch (error) {
      await leave(connection);
      throw error;
    }
  }

  return {
    flush,
    reach,
    standstill: () => standstill,
    giveUp(why) {
      givenUp = why;
      for (const batch of underWay) rejectAll(batch, why);
    },
    close: () => leave(connecting),
  };
}

function rejectAll(entries: readonly Waiting[], why: AppError): void {
  for (const { reject } of entries) reject(why);
}

/** A write that is broken off each time must not hold up the others: many are split, and one is refused in the end. */
function mayRepeat(batch: readonly Waiting[], interruptions: number): boolean {
  return batch.length === 1 && interruptions <= INTERRUPTIONS_MOST;
}

/** Runs go on when there is room again; who asks for new ones is told now. Gives those that wait. */
function refuseNews(batch: readonly Waiting[], standstill: string): Waiting[] {
  const news = batch.filter(({ unit }) => isNews(unit));
  for (const { reject } of news) reject(new AppError("unavailable", standstill));
  return batch.filter((entry) => !news.includes(entry));
}

/** Asked for from outside: new runs, or what is recorded with them. */
export function isNews({ ops }: Unit): boolean {
  return ops.every(({ create }) => create !== undefined && create.parent === null);
}

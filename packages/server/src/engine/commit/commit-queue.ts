import { AppError } from "@yardmaster/protocol";
import {
  type CommitConnectionDeps,
  createCommitConnection,
  isNews,
  type Waiting,
} from "./commit-connection.ts";
import { isPlain, type Unit, type UnitOutcome } from "./flush.ts";
import { type FlushCounters, newFlushCounters } from "./flush-counters.ts";

export interface CommitQueueDeps extends CommitConnectionDeps {
  /** Whether other processes write beside this one. */
  readonly hasNeighbours: () => boolean;
}

export interface CommitQueueLimits {
  readonly maxUnits: number;
  readonly maxBytes: number;
  readonly maxWaiting: number;
  readonly reconnectMs: number;
}

export const COMMIT_QUEUE_LIMITS: CommitQueueLimits = {
  maxUnits: 500,
  maxBytes: 8 * 1024 * 1024,
  maxWaiting: 50_000,
  reconnectMs: 100,
};

/** Fewer units than these go in one flush: a second commit would cost more than it saves. */
const CROWD = 32;

/**
 * So many advances are sent behind a flush that is under way, for PostgreSQL to begin them as it ends that one, and not
 * only when this process has heard of it: 50 workflows in flight use 1.53 of two processors so, 1.40 otherwise. Fewer
 * gain nothing, and cost a commit.
 */
const FOLLOWERS = CROWD / 2;
const MAX_UNDER_WAY = 2;

export interface CommitQueue {
  /** Resolves when the unit's fate is durable. Throws AppError unavailable when too much waits already. */
  submit(unit: Unit): Promise<UnitOutcome>;
  /** Flushes what waits, then closes the connection. */
  close(): Promise<void>;
  /**
   * Rejects with `why` what PostgreSQL has not taken so far. What was sent may be durable all the same.
   */
  giveUp(why: AppError): void;
  /** Resolves when there is a connection to write over. @throws what keeps it from being made. */
  reach(): Promise<void>;
  readonly counters: FlushCounters;
}

/**
 * Group commit: a flush takes all that has gathered while the last one was under way, and writes it with one commit;
 * a crowd is sent behind it without waiting for its answer. An idle system pays no delay, a busy one shares the fsync.
 * A unit that fails does not fail its neighbours: a failing batch is split until the unit that breaks it stands alone.
 */
export function createCommitQueue(
  deps: CommitQueueDeps,
  limits: CommitQueueLimits = COMMIT_QUEUE_LIMITS,
): CommitQueue {
  let waiting: Waiting[] = [];
  const counters = newFlushCounters();
  const connection = createCommitConnection(deps, limits.reconnectMs, counters);
  let underWay = 0;
  /** What is under way is more than one statement: nothing may come between them. */
  let isExclusive = false;
  /** The last flush had one unit: whoever is alone need not wait for others. */
  let isLone = true;
  let starting = false;
  let closed = false;
  let isGivenUp = false;
  let onIdle: (() => void) | undefined;

  function submit(unit: Unit): Promise<UnitOutcome> {
    if (closed)
      return Promise.reject(new AppError("unavailable", "the server is stopping; try again"));
    if (waiting.length >= limits.maxWaiting) {
      const detail = `${waiting.length} writes wait for PostgreSQL already; try again later`;
      return Promise.reject(new AppError("unavailable", detail));
    }
    const standstill = connection.standstill();
    if (standstill !== undefined && isNews(unit))
      return Promise.reject(new AppError("unavailable", standstill));
    return new Promise((resolve, reject) => {
      waiting.push({ unit, bytes: bytesOf(unit), resolve, reject, again: false });
      startSoon();
    });
  }

  /** After the current round of I/O: what arrived together commits together. */
  function startSoon(): void {
    if (starting || underWay === MAX_UNDER_WAY) return;
    starting = true;
    (isLone ? queueMicrotask : setImmediate)(() => {
      starting = false;
      // A crowd that came at once goes in two halves. In one it would stay together, and this process and PostgreSQL
      // would work in turn; so each works on one half while the other has the other.
      if (underWay === 0)
        flush(waiting.length < CROWD ? waiting.length : Math.ceil(waiting.length / 2));
      else if (mayFollow()) flush(waiting.length);
    });
  }

  function mayFollow(): boolean {
    return (
      advancesOf(waiting) >= FOLLOWERS &&
      !isExclusive &&
      !deps.hasNeighbours() &&
      waiting.every(({ unit }) => isPlain(unit))
    );
  }

  function flush(share: number): void {
    if (share === 0) return onIdle?.();
    const batch = take(share);
    isLone = batch.length === 1;
    underWay++;
    isExclusive = !batch.every(({ unit }) => isPlain(unit));
    void connection.flush(batch).then(() => {
      underWay--;
      // Beside neighbours the processors have work meanwhile, and small flushes of all cost more than they hide: a
      // small crowd stays together.
      if (underWay > 0 || (deps.hasNeighbours() && waiting.length < CROWD)) startSoon();
      // At once, before those that were just answered have decided what is next: they are the other half.
      else flush(waiting.length);
    });
  }

  function take(share: number): Waiting[] {
    const most = Math.min(share, limits.maxUnits);
    let bytes = 0;
    let count = 0;
    for (const entry of waiting) {
      bytes += entry.bytes;
      if (count === most || (count > 0 && bytes > limits.maxBytes)) break;
      count++;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return batch;
  }

  function giveUp(why: AppError): void {
    closed = true;
    const left = waiting;
    waiting = [];
    for (const { reject } of left) reject(why);
    connection.giveUp(why);
    isGivenUp = true;
    onIdle?.();
  }

  return {
    submit,
    giveUp,
    reach: connection.reach,
    counters,
    async close() {
      closed = true;
      if (!isGivenUp && (waiting.length > 0 || underWay > 0)) {
        await new Promise<void>((resolve) => {
          onIdle = resolve;
        });
      }
      await connection.close();
    },
  };
}

function advancesOf(waiting: readonly Waiting[]): number {
  return waiting.reduce((sum, { unit }) => sum + unit.ops.length, 0);
}

/** Roughly what the unit weighs on the wire; rows are small beside their payloads. */
function bytesOf(unit: Unit): number {
  let bytes = unit.bytes ?? 0;
  for (const op of unit.ops) {
    bytes +=
      256 + op.events.length + (op.create?.input.length ?? 0) + (op.finish?.output?.length ?? 0);
    for (const row of op.dispatch) bytes += 128 + row.input.length;
  }
  return bytes;
}

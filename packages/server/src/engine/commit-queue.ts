import { AppError } from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import { isConnectionLoss, shortageOf } from "../db/index.ts";
import { type Unit, type UnitOutcome, writeBatch } from "./flush.ts";
import { countFlush, type FlushCounters, newFlushCounters } from "./flush-counters.ts";
import type { OnPoint } from "./points.ts";

export type HotClient = ClientBase & { end(): Promise<void> };

export interface CommitQueueDeps {
  /** A dedicated connection with pinned plans; called again after a loss. */
  readonly connect: () => Promise<HotClient>;
  readonly sessionId: () => string;
  /** Whether other processes write beside this one. */
  readonly hasNeighbours: () => boolean;
  readonly onPoint?: OnPoint | undefined;
  readonly onError: (error: unknown, what: string) => void;
  /** Told of each flush that is durable. */
  readonly onFlush?: ((units: number, tookMs: number) => void) | undefined;
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

export interface CommitQueue {
  /** Resolves when the unit's fate is durable. Throws AppError unavailable when too much waits already. */
  submit(unit: Unit): Promise<UnitOutcome>;
  /** Flushes what waits, then closes the connection. */
  close(): Promise<void>;
  readonly counters: FlushCounters;
}

interface Waiting {
  readonly unit: Unit;
  readonly bytes: number;
  readonly resolve: (outcome: UnitOutcome) => void;
  readonly reject: (error: unknown) => void;
  again: boolean;
}

/**
 * Group commit: one flush at a time takes all that has gathered while the last one was under way, and writes it
 * with one commit. An idle system pays no delay, a busy one shares the fsync. A unit that fails does not fail its
 * neighbours: a failing batch is split until the unit that breaks it stands alone.
 */
export function createCommitQueue(
  deps: CommitQueueDeps,
  limits: CommitQueueLimits = COMMIT_QUEUE_LIMITS,
): CommitQueue {
  let waiting: Waiting[] = [];
  const counters = newFlushCounters();
  const lane = createLane(deps, limits, counters);
  let flushing = false;
  let starting = false;
  let closed = false;
  let onIdle: (() => void) | undefined;

  function submit(unit: Unit): Promise<UnitOutcome> {
    if (closed)
      return Promise.reject(new AppError("unavailable", "the server is stopping; try again"));
    if (waiting.length >= limits.maxWaiting) {
      const detail = `${waiting.length} writes wait for PostgreSQL already; try again later`;
      return Promise.reject(new AppError("unavailable", detail));
    }
    const shortage = lane.shortage();
    if (shortage !== undefined && isNews(unit))
      return Promise.reject(new AppError("unavailable", shortage));
    return new Promise((resolve, reject) => {
      waiting.push({ unit, bytes: bytesOf(unit), resolve, reject, again: false });
      startSoon();
    });
  }

  /** After the current round of I/O: what arrived together commits together. */
  function startSoon(): void {
    if (starting || flushing) return;
    starting = true;
    setImmediate(() => {
      starting = false;
      // A crowd that came at once goes in two halves. In one it would stay together, and this process and PostgreSQL
      // would work in turn; so each works on one half while the other has the other.
      if (!flushing) flush(waiting.length < CROWD ? waiting.length : Math.ceil(waiting.length / 2));
    });
  }

  function flush(share: number): void {
    if (share === 0) return onIdle?.();
    flushing = true;
    void lane.flush(take(share)).then(() => {
      flushing = false;
      // Beside neighbours the processors have work meanwhile, and small flushes of all cost more than they hide: a
      // small crowd stays together.
      if (deps.hasNeighbours() && waiting.length < CROWD) startSoon();
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

  return {
    submit,
    counters,
    async close() {
      closed = true;
      if (waiting.length > 0 || flushing) {
        await new Promise<void>((resolve) => {
          onIdle = resolve;
        });
      }
      await lane.close();
    },
  };
}

interface Lane {
  /** Never rejects: every unit of the batch is answered, however long PostgreSQL is away. */
  flush(batch: readonly Waiting[]): Promise<void>;
  /** What PostgreSQL has run out of, while a flush waits for it. */
  shortage(): string | undefined;
  close(): Promise<void>;
}

function createLane(
  deps: CommitQueueDeps,
  limits: CommitQueueLimits,
  counters: CommitQueue["counters"],
): Lane {
  let client: HotClient | undefined;
  let shortage: string | undefined;

  async function flush(given: readonly Waiting[]): Promise<void> {
    let batch = given;
    while (batch.length > 0) {
      try {
        client ??= await deps.connect();
        deps.onPoint?.("flush.before");
        const startedMs = performance.now();
        const outcomes = await writeBatch(client, deps.sessionId(), batch);
        deps.onPoint?.("flush.after");
        shortage = undefined;
        countFlush(counters, batch, outcomes);
        deps.onFlush?.(batch.length, performance.now() - startedMs);
        for (const [i, entry] of batch.entries()) entry.resolve(outcomes[i] as UnitOutcome);
        return;
      } catch (error) {
        if (!isConnectionLoss(error)) return await split(batch, error);
        deps.onError(error, "PostgreSQL is out of reach; writes wait for it");
        await close();
        shortage = shortageOf(error);
        if (shortage !== undefined) batch = refuseNews(batch, shortage);
        for (const entry of batch) entry.again = true;
        await new Promise((resolve) => setTimeout(resolve, limits.reconnectMs));
      }
    }
    shortage = undefined;
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

  async function close(): Promise<void> {
    const lost = client;
    client = undefined;
    await lost?.end().catch(() => undefined);
  }

  return { flush, close, shortage: () => shortage };
}

/** Runs go on when there is room again; who asks for new ones is told now. Gives those that wait. */
function refuseNews(batch: readonly Waiting[], shortage: string): Waiting[] {
  const news = batch.filter(({ unit }) => isNews(unit));
  for (const { reject } of news) reject(new AppError("unavailable", shortage));
  return batch.filter((entry) => !news.includes(entry));
}

/** Asked for from outside: new runs, or what is recorded with them. */
function isNews({ ops }: Unit): boolean {
  return ops.every(({ create }) => create !== undefined && create.parent === null);
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

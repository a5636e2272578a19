import { setTimeout as delay } from "node:timers/promises";
import { AppError, failureCode } from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import { type HotClient, isConnectionLoss, standstillOf } from "../db/index.ts";
import type { AuditBody } from "./canonical.ts";
import { appendEntries, type Chained, findKept, headIsGone } from "./chain.store.ts";

/** An entry with its place in the chain. */
export type KeptEntry = AuditBody & Chained;

export interface Waiting {
  readonly body: AuditBody;
  readonly text: string;
  readonly resolve: (kept: Chained) => void;
  readonly reject: (error: unknown) => void;
  /** It was sent and the answer was lost: it may be kept already. */
  again: boolean;
}

export interface WriterDeps {
  /** A connection of its own; called again after a loss. */
  readonly connect: () => Promise<HotClient>;
  readonly onError: (error: unknown, what: string) => void;
  readonly monotonicMs: () => number;
}

export interface WriterLimits {
  /** How long PostgreSQL may be away before what was not begun yet is refused. */
  readonly beginPatienceMs: number;
  readonly reconnectMs: number;
}

export interface ChainWriter {
  /** Never rejects: every entry of the batch is answered. Gives those that are durable now, in the chain's order. */
  append(batch: readonly Waiting[]): Promise<KeptEntry[]>;
  /** From now on PostgreSQL is waited for no longer than this. */
  giveUpAfter(ms: number): void;
  close(): Promise<void>;
}

const UNIQUE_VIOLATION = "23505";

/** Appends to the chain over one connection, and waits for a PostgreSQL that is away. */
export function createChainWriter(deps: WriterDeps, limits: WriterLimits): ChainWriter {
  let client: HotClient | undefined;
  let lostAtMs: number | undefined;
  let deadlineMs = Number.POSITIVE_INFINITY;

  async function append(given: readonly Waiting[]): Promise<KeptEntry[]> {
    let batch = given;
    while (batch.length > 0) {
      try {
        client ??= await deps.connect();
        const places = await send(client, batch);
        lostAtMs = undefined;
        return answer(batch, places);
      } catch (error) {
        // An append that was lost on its way may commit only now, while it is sent again.
        const isLate = batch.some(({ again }) => again) && failureCode(error) === UNIQUE_VIOLATION;
        if (!isLate && !isConnectionLoss(error)) return await split(batch, error);
        if (!isLate) batch = await afterLoss(batch, error);
      }
    }
    return [];
  }

  async function afterLoss(batch: readonly Waiting[], error: unknown): Promise<Waiting[]> {
    if (lostAtMs === undefined)
      deps.onError(error, "PostgreSQL is out of reach; the audit waits for it");
    lostAtMs ??= deps.monotonicMs();
    await close();
    for (const entry of batch) entry.again = true;
    const left = refuse(batch, error);
    if (left.length > 0) await delay(limits.reconnectMs);
    return left;
  }

  /** What was not sent to a node yet need not wait: its caller is told. What has happened already does. */
  function refuse(batch: readonly Waiting[], error: unknown): Waiting[] {
    const nowMs = deps.monotonicMs();
    const isOver = nowMs >= deadlineMs;
    const standstill = standstillOf(error);
    const isLong = nowMs - (lostAtMs ?? nowMs) >= limits.beginPatienceMs;
    const refused = batch.filter(
      ({ body }) => isOver || (body.phase === "begin" && (isLong || standstill !== undefined)),
    );
    if (isOver && refused.length > 0)
      deps.onError(error, `${refused.length} entries of the audit were not kept`);
    const why = standstill ?? "PostgreSQL is out of reach; try again.";
    const detail = `Nothing is done that cannot be audited: ${why}`;
    for (const { reject } of refused) reject(new AppError("unavailable", detail));
    return batch.filter((entry) => !refused.includes(entry));
  }

  /** An entry that PostgreSQL refuses does not fail its neighbours. */
  async function split(batch: readonly Waiting[], error: unknown): Promise<KeptEntry[]> {
    if (batch.length === 1) {
      deps.onError(error, "an entry of the audit was refused");
      batch[0]?.reject(error);
      return [];
    }
    const middle = batch.length >> 1;
    const before = await append(batch.slice(0, middle));
    return [...before, ...(await append(batch.slice(middle)))];
  }

  async function close(): Promise<void> {
    const lost = client;
    client = undefined;
    await lost?.end().catch(() => undefined);
  }

  return {
    append,
    close,
    giveUpAfter(ms) {
      deadlineMs = deps.monotonicMs() + ms;
    },
  };
}

/** The places of all entries of a batch; those of a lost answer are looked up first. */
async function send(
  client: ClientBase,
  batch: readonly Waiting[],
): Promise<ReadonlyMap<string, Chained>> {
  const repeated = batch.filter(({ again }) => again).map(({ body }) => body.id);
  const places = new Map(repeated.length === 0 ? [] : await findKept(client, repeated));
  const fresh = batch.filter(({ body }) => !places.has(body.id));
  if (fresh.length === 0) return places;
  const rows = await appendEntries(
    client,
    fresh.map(({ text }) => text),
  );
  if (rows.length !== fresh.length) throw headIsGone();
  for (const [at, { body }] of fresh.entries()) places.set(body.id, rows[at] as Chained);
  return places;
}

function answer(batch: readonly Waiting[], places: ReadonlyMap<string, Chained>): KeptEntry[] {
  const kept: KeptEntry[] = [];
  for (const { body, resolve } of batch) {
    const place = places.get(body.id) as Chained;
    kept.push({ ...body, ...place });
    resolve(place);
  }
  return kept.sort((a, b) => a.seq - b.seq);
}

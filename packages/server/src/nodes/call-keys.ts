import { hash } from "node:crypto";
import { AppError, type ErrorCode, isAppError, type NewId } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { keyMismatch } from "../idempotency/index.ts";
import { type CallKey, dropCallKey, takeCallKey } from "./call-keys.store.ts";

/** How long, and how much, outcomes are remembered for requests that come again. */
export interface RememberLimits {
  readonly ms: number;
  readonly answers: number;
  readonly bytes: number;
}

const REMEMBER: RememberLimits = { ms: 600_000, answers: 1_000, bytes: 64 * 1024 * 1024 };

/** What was refused with one of these was never sent: the same key may try again. */
const NOT_SENT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "node_offline",
  "node_revoked",
  "node_busy",
  "rate_limited",
  "not_granted",
  "not_received",
  "not_found",
  "unavailable",
  "unsupported",
  "invalid_request",
  "insecure_transport",
]);

export interface KeyedRequest {
  readonly tokenId: string;
  /** The header `Idempotency-Key`. */
  readonly key: string | undefined;
  /** What tells requests apart: path and body. */
  readonly request: unknown;
}

/** An answer as JSON text, so that it is remembered as it was sent. */
export interface KeptAnswer {
  readonly text: string;
  /** It is the answer of an earlier request. */
  readonly isRepeated: boolean;
}

/** Sees to it that a request which comes again with its Idempotency-Key does not call a node again. */
export interface CallKeys {
  /**
   * Runs `call` under an id, or gives what it gave before; a second request that comes while the first runs gets the
   * same answer.
   * @throws AppError `idempotency_mismatch` for another request under the key; `conflict` where the call was sent, and
   * nobody here knows what became of it (any more)
   */
  answer(keyed: KeyedRequest, call: (callId: string) => Promise<unknown>): Promise<KeptAnswer>;
  /** An id for a call whose answer is a stream: it is not remembered. @throws AppError as `answer`, `conflict` at once */
  take(keyed: KeyedRequest): Promise<TakenKey>;
}

export interface TakenKey {
  readonly callId: string;
  /** The call was refused: where it was never sent, the key is free again. */
  refused(error: unknown): Promise<void>;
}

interface Remembered {
  readonly requestHash: string;
  readonly answer: Promise<string>;
  bytes: number;
}

export function createCallKeys(
  deps: { readonly pool: Pool; readonly newId: NewId },
  limits: RememberLimits = REMEMBER,
): CallKeys {
  const remembered = new Map<string, Remembered>();
  let bytes = 0;

  function forget(place: string): void {
    bytes -= remembered.get(place)?.bytes ?? 0;
    remembered.delete(place);
  }

  function keep(place: string, entry: Remembered): void {
    remembered.set(place, entry);
    setTimeout(() => remembered.get(place) === entry && forget(place), limits.ms).unref();
  }

  /** An answer has come, and is counted; not one that was forgotten meanwhile, which nothing would take off again. */
  function grow(place: string, entry: Remembered, text: string): void {
    if (remembered.get(place) !== entry) return;
    entry.bytes = text.length;
    bytes += entry.bytes;
    for (const oldest of remembered.keys()) {
      if (remembered.size <= limits.answers && bytes <= limits.bytes) return;
      forget(oldest);
    }
  }

  async function take(keyed: KeyedRequest): Promise<TakenKey> {
    const { key } = keyed;
    const callId = deps.newId();
    if (key === undefined) return { callId, refused: async () => undefined };
    const asked: CallKey = {
      tokenId: keyed.tokenId,
      key,
      requestHash: hashOf(keyed.request),
      callId,
    };
    const held = await takeCallKey(deps.pool, asked);
    if (held.callId !== callId) throw sameKey(held, asked.requestHash);
    return {
      callId,
      async refused(error) {
        if (isAppError(error) && NOT_SENT.has(error.code)) await dropCallKey(deps.pool, asked);
      },
    };
  }

  async function first(
    keyed: KeyedRequest,
    call: (callId: string) => Promise<unknown>,
  ): Promise<string> {
    const taken = await take(keyed);
    try {
      return JSON.stringify(await call(taken.callId));
    } catch (error) {
      await taken.refused(error);
      throw error;
    }
  }

  return {
    take,
    async answer(keyed, call) {
      const { key } = keyed;
      if (key === undefined) return { text: await first(keyed, call), isRepeated: false };
      const place = `${keyed.tokenId} ${key}`;
      const requestHash = hashOf(keyed.request);
      const before = remembered.get(place);
      if (before !== undefined) {
        if (before.requestHash !== requestHash) throw keyMismatch();
        return { text: await before.answer, isRepeated: true };
      }
      const entry: Remembered = { requestHash, answer: first(keyed, call), bytes: 0 };
      keep(place, entry);
      try {
        const text = await entry.answer;
        grow(place, entry, text);
        return { text, isRepeated: false };
      } catch (error) {
        if (remembered.get(place) === entry) forget(place);
        throw error;
      }
    },
  };
}

function hashOf(request: unknown): string {
  return hash("sha256", JSON.stringify(request), "base64url");
}

function sameKey(held: CallKey, requestHash: string): AppError {
  if (held.requestHash !== requestHash) return keyMismatch();
  return new AppError(
    "conflict",
    `This Idempotency-Key was sent before, as call ${held.callId}, and what became of it is not known here (any more). The audit tells: yard audit --request ${held.callId}`,
  );
}

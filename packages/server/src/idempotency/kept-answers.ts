import { createHmac } from "node:crypto";
import { AppError, type NewId } from "@yardmaster/protocol";
import type { Pool } from "pg";
import { retryOnConnectionLoss } from "../db/index.ts";
import { type Ending, endingOfError } from "./ending.ts";
import {
  type Claim,
  claimKey,
  dropClaim,
  type HeldClaim,
  type StoredAnswer,
  storeAnswer,
} from "./kept-answers.store.ts";
import { keyMismatch } from "./key-mismatch.ts";

/** A larger answer is not kept. */
export const MAX_KEPT_BYTES = 1024 * 1024;
/** How long the outcome is tried to be written while PostgreSQL is away: the answer waits for it. */
const WRITE_WITHIN_MS = 2_000;

export interface KeyedRequest {
  readonly tokenId: string;
  /** The header `Idempotency-Key`. */
  readonly key: string;
  /** What tells requests apart; becomes JSON. */
  readonly request: unknown;
  /** Carried out again, with its first claim, where there is no answer to give. */
  readonly isRepeatable: boolean;
  /** False: that it was done is all that is kept. */
  readonly isKept: boolean;
}

export type Answered<T> = { readonly fresh: T } | { readonly before: StoredAnswer };

/** Sees to it that a request which comes again with its Idempotency-Key is not carried out again. */
export interface KeptAnswers {
  /**
   * Carries a request out, under a claim that is durable before, or gives the answer that it had; one that comes while
   * the first is being carried out here waits for it. `endingOf` reads what `act` gave.
   * @throws AppError `idempotency_mismatch` for another request under the key; `conflict` where the first was begun,
   * and its answer is not kept or not known
   */
  answer<T>(
    keyed: KeyedRequest,
    act: (claimId: string) => Promise<T>,
    endingOf: (given: T) => Ending,
  ): Promise<Answered<T>>;
}

export interface KeptAnswersDeps {
  readonly pool: Pool;
  readonly newId: NewId;
  /** 32 bytes, the same in all processes: a hash alone would let a body's secret be guessed. */
  readonly hashKey: Buffer;
  readonly onError: (error: unknown) => void;
}

interface InFlight {
  readonly requestHash: string;
  /** Settles, and never rejects. */
  readonly over: Promise<unknown>;
}

export function createKeptAnswers({ pool, newId, hashKey, onError }: KeptAnswersDeps): KeptAnswers {
  const inFlight = new Map<string, InFlight>();

  const hashOf = (request: unknown): string =>
    createHmac("sha256", hashKey).update(JSON.stringify(request)).digest("base64url");

  /** The answer to a client is not held back by what cannot be written: its key then stands for the unknown. */
  async function written(write: () => Promise<void>): Promise<void> {
    await retryOnConnectionLoss(write, { maxWaitMs: WRITE_WITHIN_MS }).catch(onError);
  }

  async function ended(claim: Claim, ending: Ending, keyed: KeyedRequest): Promise<void> {
    if (ending.is === "refused") await written(() => dropClaim(pool, claim));
    if (ending.is !== "done" || (keyed.isRepeatable && !keyed.isKept)) return;
    const answer = keyed.isKept ? bounded(ending.answer) : unkept(ending.answer);
    await written(() => storeAnswer(pool, claim, answer));
  }

  async function carriedOut<T>(
    { keyed, requestHash }: { readonly keyed: KeyedRequest; readonly requestHash: string },
    act: (claimId: string) => Promise<T>,
    endingOf: (given: T) => Ending,
  ): Promise<Answered<T>> {
    const asked: Claim = { tokenId: keyed.tokenId, key: keyed.key, requestHash, claimId: newId() };
    const held = await retryOnConnectionLoss(() => claimKey(pool, asked), {
      maxWaitMs: WRITE_WITHIN_MS,
    });
    if (held !== undefined) {
      const before = answerBefore(held, requestHash, keyed);
      if (before !== undefined) return { before };
      const fresh = await act(held.claimId);
      const ending = endingOf(fresh);
      // The first may still be at work: what is refused here frees nothing.
      if (ending.is === "done") await ended(held, ending, keyed);
      return { fresh };
    }
    try {
      const fresh = await act(asked.claimId);
      await ended(asked, endingOf(fresh), keyed);
      return { fresh };
    } catch (error) {
      await ended(asked, endingOfError(error), keyed);
      throw error;
    }
  }

  return {
    async answer(keyed, act, endingOf) {
      const place = `${keyed.tokenId} ${keyed.key}`;
      const requestHash = hashOf(keyed.request);
      for (;;) {
        const first = inFlight.get(place);
        if (first === undefined) break;
        if (first.requestHash !== requestHash) throw keyMismatch();
        await first.over;
      }
      const work = carriedOut({ keyed, requestHash }, act, endingOf);
      inFlight.set(place, { requestHash, over: work.catch(() => undefined) });
      return await work.finally(() => inFlight.delete(place));
    },
  };
}

/** Undefined where the request is carried out again. */
function answerBefore(
  { answer, requestHash: heldHash, createdAt }: HeldClaim,
  requestHash: string,
  { isRepeatable, isKept }: KeyedRequest,
): StoredAnswer | undefined {
  if (heldHash !== requestHash) throw keyMismatch();
  if (answer !== null && answer.body !== null) return answer;
  if (isRepeatable) return undefined;
  const when = `This Idempotency-Key was sent at ${createdAt} with the same request`;
  if (answer === null)
    throw new AppError(
      "conflict",
      `${when}, and what became of it is not known: another process is at it, or it broke on the way. Ask again in a moment; if it stays so, look whether it was done, and ask with a new key if not`,
    );
  const why = isKept ? "is too large to be kept" : "was shown once and is not kept";
  throw new AppError(
    "conflict",
    `${when}, which was carried out; its answer ${why}. If it is lost, look what was made, undo it (revoke it, or rotate its token), and ask with a new key`,
  );
}

function unkept({ status }: StoredAnswer): StoredAnswer {
  return { status, headers: {}, body: null };
}

/** PostgreSQL keeps no NUL in a text. */
function bounded(answer: StoredAnswer): StoredAnswer {
  const { body } = answer;
  const fits =
    body !== null && Buffer.byteLength(body) <= MAX_KEPT_BYTES && !body.includes("\u0000");
  return fits ? answer : unkept(answer);
}

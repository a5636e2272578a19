import { AppError } from "@yardmaster/protocol";
import type { Principal } from "../http/index.ts";

export interface TokenCacheOptions {
  /** An answer is looked up again, beside the request that finds it, when it is older. */
  readonly refreshMs: number;
  /** An answer is not used any more when it is older: within this time a revocation is known even where its notice was lost. */
  readonly expireMs: number;
  readonly maxEntries: number;
  /** A request waits for so long for an answer. */
  readonly waitMs: number;
}

export const TOKEN_CACHE: TokenCacheOptions = {
  refreshMs: 750,
  expireMs: 1_800,
  maxEntries: 10_000,
  waitMs: 5_000,
};

/** Who a live token belongs to, and how long it lives from the moment of the question; null: until it is revoked. */
export interface FoundToken {
  readonly principal: Principal;
  readonly leftMs: number | null;
}

export interface TokenCache {
  /** Whose token has this hash: at once while the answer is young, else after a query. */
  lookUp(hash: string): Principal | undefined | Promise<Principal | undefined>;
  forget(hash: string): void;
  /** Forgets all: where notices of revocations may have been lost. */
  clear(): void;
}

interface Entry {
  readonly principal: Principal | undefined;
  /** Monotonic, when the query was sent: what it says is no older. */
  readonly askedAt: number;
  /** Age at which it is not used any more. */
  readonly lifeMs: number;
}

/**
 * Keeps who stands behind a hash for under two seconds, strangers too, so that hot paths and floods cost no query.
 * Tokens are compared by SHA-256 only: how long a look-up takes depends on digests that nobody can steer, so it tells
 * nothing of a token.
 */
export function createTokenCache(
  find: (hash: string) => Promise<FoundToken | undefined>,
  options: TokenCacheOptions = TOKEN_CACHE,
  now: () => number = () => performance.now(),
): TokenCache {
  const entries = new Map<string, Entry>();
  const asking = new Map<string, Promise<Principal | undefined>>();

  function lookUp(hash: string): Principal | undefined | Promise<Principal | undefined> {
    const entry = entries.get(hash);
    if (entry === undefined) return inTime(ask(hash));
    const ageMs = now() - entry.askedAt;
    if (ageMs >= entry.lifeMs) return inTime(ask(hash));
    // Its failure is told when the answer has expired and is asked for in earnest.
    if (ageMs >= options.refreshMs) void ask(hash).catch(() => undefined);
    return entry.principal;
  }

  function ask(hash: string): Promise<Principal | undefined> {
    const before = asking.get(hash);
    if (before !== undefined) return before;
    const askedAt = now();
    const answer = find(hash)
      .then((found) => {
        const lifeMs = Math.min(options.expireMs, found?.leftMs ?? Number.POSITIVE_INFINITY);
        // Forgotten meanwhile: the answer may be from before the revocation.
        if (asking.get(hash) === answer)
          keep(hash, { principal: found?.principal, askedAt, lifeMs });
        return found?.principal;
      })
      .finally(() => {
        if (asking.get(hash) === answer) asking.delete(hash);
      });
    asking.set(hash, answer);
    return answer;
  }

  /** A PostgreSQL that is frozen answers when it goes on: the question stays the one, and whoever asks is told meanwhile. */
  async function inTime<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const what = `PostgreSQL has not answered within ${options.waitMs / 1_000} s; try again`;
      timer = setTimeout(() => reject(new AppError("unavailable", what)), options.waitMs);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  function keep(hash: string, entry: Entry): void {
    entries.delete(hash);
    entries.set(hash, entry);
    if (entries.size <= options.maxEntries) return;
    const oldest = entries.keys().next();
    if (oldest.done !== true) entries.delete(oldest.value);
  }

  return {
    lookUp,
    forget(hash) {
      entries.delete(hash);
      asking.delete(hash);
    },
    clear() {
      entries.clear();
      asking.clear();
    },
  };
}

import type { Principal } from "../route.ts";

export interface TokenWatch {
  /** Aborts when the token is not valid any more; its reason is the AppError that says so. */
  readonly signal: AbortSignal;
  stop(): void;
}

export interface TokenWatchDeps {
  /** The owner as of now: from a cache that is kept for less than `everyMs`, so that each token costs one query. */
  readonly lookUp: () => Principal | undefined | Promise<Principal | undefined>;
  /** Throws an AppError for one that may not read this (any more). */
  readonly check: (principal: Principal | undefined) => unknown;
}

/** Looks at the token behind an answer that lasts, for as long as it does: admission saw it at the start alone. */
export function watchToken({ lookUp, check }: TokenWatchDeps, everyMs: number): TokenWatch {
  const ending = new AbortController();
  let isAsking = false;

  async function look(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    const found = await Promise.resolve()
      .then(lookUp)
      .then((principal) => ({ principal }))
      // Nobody can say while the database is out of reach; it is asked again, and new requests are refused meanwhile.
      .catch(() => undefined);
    isAsking = false;
    try {
      if (found !== undefined) check(found.principal);
    } catch (error) {
      clearInterval(timer);
      ending.abort(error);
    }
  }

  const timer = setInterval(() => void look(), everyMs).unref();
  return { signal: ending.signal, stop: () => clearInterval(timer) };
}

import type { Pool } from "pg";
import type { HotClient } from "./commit-queue.ts";
import type { OnPoint } from "./points.ts";
import {
  endSession,
  insertSession,
  renewSession,
  SESSION_LIFE_MS,
  type SessionRow,
} from "./sessions.store.ts";

export const RENEW_EVERY_MS = 2_000;
/** Without an acknowledged renewal for so long, another process may soon take the work. */
export const LEASE_DOUBT_MS = 5_000;

export interface SessionDeps {
  readonly pool: Pool;
  /** A connection of its own: a renewal must not wait behind anything. */
  readonly connect: () => Promise<HotClient>;
  readonly identity: Omit<SessionRow, "id">;
  readonly newId: () => string;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonicMs: () => number;
  /** The leases of the old session are lost; a new one is being opened. */
  readonly onEnded: () => Promise<void>;
  /** Renewals are not acknowledged any more, and another process could take the work: give it up. */
  readonly onDoubt: () => void;
  /** Whether others could take over while this process cannot reach the database (not with the embedded one). */
  readonly contested: boolean;
  readonly onPoint?: OnPoint | undefined;
  readonly onError: (error: unknown, what: string) => void;
}

/**
 * The session that this process's leases belong to: one row, renewed every 2 s by the database's clock.
 * Only the reaper ends it; then everything this process holds is given up and a new session is opened.
 */
export function createSession(deps: SessionDeps) {
  let id = deps.newId();
  let client: HotClient | undefined;
  let unbrokenSince = 0;
  let acknowledgedAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let renewing: Promise<void> | undefined;
  let reopened: { promise: Promise<void>; resolve: () => void } | undefined;
  let closed = false;

  async function open(): Promise<void> {
    client ??= await deps.connect();
    await insertSession(client, { ...deps.identity, id });
    acknowledgedAt = deps.monotonicMs();
    unbrokenSince = acknowledgedAt;
  }

  function schedule(): void {
    clearTimeout(timer);
    if (closed) return;
    timer = setTimeout(() => {
      renewing = renew().finally(schedule);
    }, RENEW_EVERY_MS);
  }

  async function renew(): Promise<void> {
    const askedAt = deps.monotonicMs();
    try {
      client ??= await deps.connect();
      if (!(await inTime(renewSession(client, id)))) return await reopen();
      // A gap in the renewals is a gap in what this process knows of the others.
      if (askedAt - acknowledgedAt > SESSION_LIFE_MS) unbrokenSince = askedAt;
      acknowledgedAt = askedAt;
      deps.onPoint?.("session.renewed");
    } catch (error) {
      deps.onError(error, "the session could not be renewed; trying again");
      const lost = client;
      client = undefined;
      void lost?.end().catch(() => undefined);
      if (deps.contested && deps.monotonicMs() - acknowledgedAt > LEASE_DOUBT_MS) deps.onDoubt();
    }
  }

  async function reopen(): Promise<void> {
    reopened ??= deferred();
    await deps.onEnded();
    id = deps.newId();
    await open();
    reopened.resolve();
    reopened = undefined;
  }

  return {
    id: () => id,
    async start(): Promise<void> {
      await open();
      schedule();
    },
    /** Resolves when there is a living session: at once, unless this one was ended. */
    async living(): Promise<void> {
      if (closed) throw new Error("the session is closed (s2c4)");
      if (reopened === undefined) {
        await renewing;
        renewing = renew().finally(schedule);
        await renewing;
      }
      await reopened?.promise;
    },
    /** Whether renewals were acknowledged without a gap for one whole life: only then may it judge others. */
    mayJudge: () => deps.monotonicMs() - unbrokenSince >= SESSION_LIFE_MS,
    async close(): Promise<void> {
      closed = true;
      clearTimeout(timer);
      await renewing;
      await endSession(deps.pool, id, "stopped").catch(() => undefined);
      await client?.end().catch(() => undefined);
    },
  };
}

/** A half-open connection answers nothing: without a bound the doubt about the lease would never be noticed. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error("the database did not answer in time")),
      RENEW_EVERY_MS,
    );
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

export type Session = ReturnType<typeof createSession>;

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

import type { OnPoint } from "./points.ts";
import { SESSION_LIFE_MS, type SessionRow } from "./sessions.store.ts";
import type { Timers } from "./timers.ts";

export const RENEW_EVERY_MS = 2_000;
/** Without an acknowledged renewal for so long, another process may soon take the work. */
export const LEASE_DOUBT_MS = 5_000;

/** The sessions' rows, over a connection of its own: a renewal must not wait behind anything. */
export interface SessionStore {
  insert(row: SessionRow): Promise<void>;
  /** False: the session was ended. */
  renew(id: string): Promise<boolean>;
  end(id: string, reason: string): Promise<void>;
  /** Gives the connection up, whatever it still waits for; the next call opens another. */
  drop(): void;
  close(): Promise<void>;
}

export interface SessionDeps {
  readonly store: SessionStore;
  readonly timers: Timers;
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
  let unbrokenSince = 0;
  let acknowledgedAt = 0;
  let cancelTimer = (): void => {};
  let renewing: Promise<void> | undefined;
  let reopened: { promise: Promise<void>; resolve: () => void } | undefined;
  let closed = false;

  async function open(): Promise<void> {
    await deps.store.insert({ ...deps.identity, id });
    acknowledgedAt = deps.monotonicMs();
    unbrokenSince = acknowledgedAt;
  }

  function schedule(): void {
    cancelTimer();
    if (closed) return;
    cancelTimer = deps.timers.after(RENEW_EVERY_MS, () => {
      renewing = renew().finally(schedule);
    });
  }

  async function renew(): Promise<void> {
    const askedAt = deps.monotonicMs();
    try {
      if (!(await inTime(deps.store.renew(id), deps.timers))) return await reopen();
      // A gap in the renewals is a gap in what this process knows of the others.
      if (askedAt - acknowledgedAt > SESSION_LIFE_MS) unbrokenSince = askedAt;
      acknowledgedAt = askedAt;
      deps.onPoint?.("session.renewed");
    } catch (error) {
      deps.onError(error, "the session could not be renewed; trying again");
      deps.store.drop();
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
      cancelTimer();
      await renewing;
      await deps.store.end(id, "stopped").catch(() => undefined);
      await deps.store.close();
    },
  };
}

/** A half-open connection answers nothing: without a bound the doubt about the lease would never be noticed. */
async function inTime<T>(answer: Promise<T>, timers: Timers): Promise<T> {
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = timers.after(RENEW_EVERY_MS, () =>
      reject(new Error("the database did not answer in time")),
    );
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel();
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

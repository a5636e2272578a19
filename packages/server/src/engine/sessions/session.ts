import { AppError } from "@yardmaster/protocol";
import { isConnectionLoss } from "../../db/index.ts";
import type { OnPoint } from "../points.ts";
import type { Timers } from "../scheduler/timers.ts";
import { SESSION_LIFE_MS, type SessionRow } from "./sessions.store.ts";

export const RENEW_EVERY_MS = 2_000;
/** After a renewal that failed: the next must come while the session still lives. */
const RENEW_AGAIN_MS = 200;
/** How long a process that starts waits for its first session. */
const START_PATIENCE_MS = 30_000;
/** Without an acknowledged renewal for so long, another process may soon take the work. */
export const LEASE_DOUBT_MS = 5_000;
/** A longer silence between two renewals may have been everybody's: then nobody is judged by it. */
const UNBROKEN_GAP_MS = 3_000;

/** The sessions' rows, over a connection of its own: a renewal must not wait behind anything. */
export interface SessionStore {
  insert(row: SessionRow): Promise<void>;
  /** `resting`: see `SessionDeps`. False: the session was ended. */
  renew(id: string, resting?: string): Promise<boolean>;
  end(id: string, reason: string): Promise<void>;
  /** Gives the connection up, whatever it still waits for; the next call opens another. */
  drop(): void;
  close(): Promise<void>;
}

export interface SessionDeps {
  readonly store: SessionStore;
  readonly timers: Timers;
  readonly identity: Omit<SessionRow, "id">;
  /** Why this process's worker rests; told with each renewal. */
  readonly resting: () => string | undefined;
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
  const { timers, monotonicMs } = deps;
  let id = deps.newId();
  let unbrokenSince = 0;
  let acknowledgedAt = 0;
  let cancelTimer = (): void => {};
  let cancelDoubt = (): void => {};
  let renewing: Promise<void> | undefined;
  let reopened: ReturnType<typeof deferred> | undefined;
  /** What the ended one held was given up, and the next has its id. */
  let hasNext = false;
  let closed = false;
  /** Who waits for the next renewal that is acknowledged. */
  let unsure: ReturnType<typeof deferred> | undefined;

  async function open(): Promise<void> {
    const askedAt = monotonicMs();
    await inTime(deps.store.insert({ ...deps.identity, id }), timers);
    unbrokenSince = askedAt;
    acknowledge(askedAt);
  }

  async function openPatiently(): Promise<void> {
    const sinceMs = monotonicMs();
    for (;;) {
      try {
        return await open();
      } catch (error) {
        deps.store.drop();
        if (!isConnectionLoss(error) || monotonicMs() - sinceMs > START_PATIENCE_MS) throw error;
      }
      await new Promise<void>((again) => timers.after(RENEW_AGAIN_MS, again));
    }
  }

  function isOverdue(): boolean {
    return monotonicMs() - acknowledgedAt > LEASE_DOUBT_MS;
  }

  /** Counted from when it was asked: the database's clock may have started right then. */
  function acknowledge(askedAt: number): void {
    acknowledgedAt = askedAt;
    unsure?.resolve();
    unsure = undefined;
    doubtLater(askedAt + LEASE_DOUBT_MS - monotonicMs());
  }

  /** A timer of its own: a renewal that hangs must not put it off. */
  function doubtLater(inMs: number): void {
    cancelDoubt();
    if (!deps.contested || closed) return;
    cancelDoubt = timers.after(Math.max(inMs, 0), () => {
      deps.onDoubt();
      doubtLater(RENEW_AGAIN_MS);
    });
  }

  function schedule(inMs: number): void {
    cancelTimer();
    if (!closed) cancelTimer = timers.after(inMs, () => void renewOnce());
  }

  /** One renewal at a time: two that were both refused would open two sessions. */
  function renewOnce(): Promise<void> {
    renewing ??= renew().then((renewed) => {
      renewing = undefined;
      schedule(renewed ? RENEW_EVERY_MS : RENEW_AGAIN_MS);
    });
    return renewing;
  }

  async function renew(): Promise<boolean> {
    const askedAt = monotonicMs();
    try {
      if (reopened !== undefined || !(await inTime(deps.store.renew(id, deps.resting()), timers)))
        await reopen();
      else {
        // A gap in the renewals is a gap in what this process knows of the others.
        if (askedAt - acknowledgedAt > UNBROKEN_GAP_MS) unbrokenSince = askedAt;
        acknowledge(askedAt);
      }
      deps.onPoint?.("session.renewed");
      return true;
    } catch (error) {
      deps.onError(error, "the session could not be renewed; trying again");
      deps.store.drop();
      return false;
    }
  }

  async function reopen(): Promise<void> {
    reopened ??= deferred();
    // Once: what could not be opened may be open all the same, and leased to; that is not to be given up again.
    if (!hasNext) {
      await deps.onEnded();
      id = deps.newId();
      hasNext = true;
    }
    await open();
    hasNext = false;
    reopened.resolve();
    reopened = undefined;
  }

  return {
    id: () => id,
    /** Waits for a PostgreSQL that goes away, or is busy, just then. @throws what it says after half a minute */
    async start(): Promise<void> {
      await openPatiently();
      schedule(RENEW_EVERY_MS);
    },
    /** Resolves when there is a living session: at once, unless this one was ended. */
    async living(): Promise<void> {
      if (closed) throw stopping();
      if (reopened === undefined) {
        await renewing;
        await renewOnce();
      }
      await reopened?.promise;
    },
    /** Whether another process may take the work at any moment: nothing is begun meanwhile. */
    isInDoubt: () => deps.contested && isOverdue(),
    /**
     * Undefined where the leases are surely its own; else resolves when PostgreSQL has said which session lives now. This
     * process may have been frozen, also where nobody can take its work while PostgreSQL is away.
     */
    sure(): Promise<void> | undefined {
      if (closed || !isOverdue()) return undefined;
      unsure ??= deferred();
      return unsure.promise;
    },
    /** Whether renewals were acknowledged without a gap for one whole life: only then may it judge others. */
    mayJudge: () =>
      monotonicMs() - unbrokenSince >= SESSION_LIFE_MS &&
      monotonicMs() - acknowledgedAt <= UNBROKEN_GAP_MS,
    /** Nobody waits any longer for a session that PostgreSQL does not give. */
    giveUp(): void {
      closed = true;
      reopened?.reject(stopping());
      unsure?.resolve();
    },
    async close(): Promise<void> {
      closed = true;
      cancelTimer();
      cancelDoubt();
      unsure?.resolve();
      await renewing;
      // Where it cannot be ended now it runs out, a little later.
      await inTime(deps.store.end(id, "stopped"), timers).catch(() => undefined);
      await deps.store.close();
    },
  };
}

/** A half-open connection answers nothing: without a bound the next renewal would never be tried. */
async function inTime<T>(answer: Promise<T>, timers: Timers): Promise<T> {
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = timers.after(RENEW_EVERY_MS, () =>
      reject(
        Object.assign(new Error("the database did not answer in time"), { code: "ETIMEDOUT" }),
      ),
    );
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel();
  }
}

export type Session = ReturnType<typeof createSession>;

function stopping(): AppError {
  return new AppError("unavailable", "the server is stopping; try again");
}

function deferred() {
  let resolve = (): void => {};
  let reject = (_: AppError): void => {};
  const promise = new Promise<void>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  // Nobody need wait for it.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

import { markValue } from "../environment.ts";
import { createSession, type Session, type SessionDeps } from "./session.ts";

/** The named shells of this node. */
export interface Sessions {
  /** The session of a name; undefined where no more can be opened. */
  open(name: string): Session | undefined;
  /** Whether a call of a session runs, so that the next one must wait. */
  isBusy(name: string): boolean;
  /** Takes a session for one call; the answered function gives it back. */
  occupy(name: string): () => void;
  closeAll(): void;
}

const SESSIONS_MOST = 64;
/** A session that was used within this time is not closed to make room. */
const IDLE_LEAST_MS = 600_000;

/** Why a session could not be opened, and the way out. */
export function noRoomFor(name: string): string {
  return `${SESSIONS_MOST} sessions were in use within the last ${IDLE_LEAST_MS / 60_000} minutes, so "${name}" cannot be opened: use one of them, or a fresh shell (--fresh)`;
}

interface Held {
  readonly session: Session;
  users: number;
  lastUsed: number;
}

/** `onFree`: a session has become free. */
export function createSessions(instance: string, deps: SessionDeps, onFree: () => void): Sessions {
  const held = new Map<string, Held>();

  /** Closes the session that was idle longest. It begins anew when it is asked for again. */
  const makeRoom = (): boolean => {
    if (held.size < SESSIONS_MOST) return true;
    const idle = [...held.values()]
      .filter(({ users, lastUsed }) => users === 0 && performance.now() - lastUsed > IDLE_LEAST_MS)
      .sort((a, b) => a.lastUsed - b.lastUsed)[0];
    if (idle === undefined) return false;
    idle.session.close();
    return held.delete(idle.session.name);
  };

  return {
    open(name) {
      const known = held.get(name);
      if (known !== undefined) return known.session;
      if (!makeRoom()) return undefined;
      const session = createSession(name, markValue(`${instance}/${name}`), deps);
      held.set(name, { session, users: 0, lastUsed: performance.now() });
      return session;
    },
    isBusy: (name) => (held.get(name)?.users ?? 0) > 0,
    occupy(name) {
      const taken = held.get(name);
      if (taken !== undefined) taken.users += 1;
      return () => {
        if (taken === undefined) return;
        taken.users -= 1;
        taken.lastUsed = performance.now();
        onFree();
      };
    },
    closeAll() {
      for (const { session } of held.values()) session.close();
      held.clear();
    },
  };
}

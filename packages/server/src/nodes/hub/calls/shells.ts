import type { SessionState } from "../hub.types.ts";
import type { Call } from "./call.types.ts";

/** The shell sessions of a node, as far as its results told. */
export interface Shells {
  used(session: string, at: Date): void;
  told(
    session: string,
    facts: { readonly cwd: string | null; readonly shellId?: string | null },
  ): void;
  /** Its shells are new: the client came back with nothing of them. */
  clear(): void;
  list(open: Iterable<Call>): SessionState[];
}

interface Shell {
  shellId: string | null;
  cwd: string | null;
  readonly since: Date;
  lastCallAt: Date;
}

const REMEMBERED = 256;

export function createShells(): Shells {
  const shells = new Map<string, Shell>();
  return {
    used(session, at) {
      const shell = shells.get(session);
      if (shell !== undefined) shell.lastCallAt = at;
      else if (shells.size < REMEMBERED)
        shells.set(session, { shellId: null, cwd: null, since: at, lastCallAt: at });
    },
    told(session, { cwd, shellId }) {
      const shell = shells.get(session);
      if (shell === undefined) return;
      if (cwd !== null) shell.cwd = cwd;
      if (shellId) shell.shellId = shellId;
    },
    clear: () => shells.clear(),
    list(open) {
      const calls = [...open].filter((call) => call.shell !== undefined);
      const names = new Set([...shells.keys(), ...calls.map((call) => call.shell as string)]);
      return [...names].map((session) => {
        const own = calls.filter((call) => call.shell === session);
        const isRunning = own.some((call) => call.linkId !== undefined);
        const shell = shells.get(session);
        return {
          session,
          shellId: shell?.shellId ?? null,
          cwd: shell?.cwd ?? null,
          running: isRunning ? 1 : 0,
          queued: own.length - (isRunning ? 1 : 0),
          since: shell?.since ?? null,
          lastCallAt: shell?.lastCallAt ?? null,
        };
      });
    },
  };
}

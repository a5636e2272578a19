import type { Pool } from "pg";
import type { HotClient } from "../../db/index.ts";
import type { SessionStore } from "./session.ts";
import { endSession, insertSession, renewSession } from "./sessions.store.ts";

/** Sessions over one connection of their own, opened when it is needed; the end goes through the pool. */
export function createSessionStore(connect: () => Promise<HotClient>, pool: Pool): SessionStore {
  let connecting: Promise<HotClient> | undefined;

  function client(): Promise<HotClient> {
    connecting ??= connect();
    return connecting;
  }

  /** Also one that is made only now, for which nobody waits: nobody else would end it. */
  function drop(): void {
    const dropped = connecting;
    connecting = undefined;
    dropped?.then((client) => client.end()).catch(() => undefined);
  }

  return {
    insert: async (row) => await insertSession(await client(), row),
    renew: async (id, resting) => await renewSession(await client(), id, resting),
    end: (id, reason) => endSession(pool, id, reason),
    drop,
    close: async () => drop(),
  };
}

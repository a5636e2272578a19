import type { Pool } from "pg";
import type { HotClient } from "../../db/index.ts";
import type { SessionStore } from "./session.ts";
import { endSession, insertSession, renewSession } from "./sessions.store.ts";

/** Sessions over one connection of their own, opened when it is needed; the end goes through the pool. */
export function createSessionStore(connect: () => Promise<HotClient>, pool: Pool): SessionStore {
  let client: HotClient | undefined;

  async function close(): Promise<void> {
    const closing = client;
    client = undefined;
    await closing?.end().catch(() => undefined);
  }

  return {
    async insert(row) {
      client ??= await connect();
      await insertSession(client, row);
    },
    async renew(id) {
      client ??= await connect();
      return await renewSession(client, id);
    },
    end: (id, reason) => endSession(pool, id, reason),
    drop: () => void close(),
    close,
  };
}

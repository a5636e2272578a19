import type { ClientBase } from "pg";

/** "YARD" and the number of this lock. Two-part advisory keys never meet one-part keys. */
const OWNER_LOCK = [0x59415244, 1] as const;

/** Held by the session, so it ends with the connection, and that with its process. */
export async function tryOwnerLock(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    "select pg_try_advisory_lock($1::int, $2::int) as held",
    [...OWNER_LOCK],
  );
  return rows[0]?.held === true;
}

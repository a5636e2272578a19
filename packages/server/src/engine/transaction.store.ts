import type { ClientBase } from "pg";

interface Commit<T> {
  readonly commit: T;
  /** A statement that COMMIT is sent behind without waiting: where it fails, PostgreSQL rolls back instead. */
  readonly last?: Promise<unknown>;
}

/**
 * Runs `work` between BEGIN and COMMIT on this connection, or ROLLBACK where it says so or throws. BEGIN is not waited
 * for: on a connection that sends at once it travels with the first statement.
 */
export async function inTransaction<T>(
  client: ClientBase,
  work: () => Promise<Commit<T> | { readonly rollback: T }>,
): Promise<T> {
  const begun = client.query("BEGIN");
  // Where it fails, so does what follows it; told below.
  begun.catch(() => undefined);
  try {
    const result = await work();
    if ("rollback" in result) {
      await client.query("ROLLBACK");
      return result.rollback;
    }
    await Promise.all([begun, result.last, client.query("COMMIT")]);
    return result.commit;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

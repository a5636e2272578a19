import type { ClientBase } from "pg";

/** Runs `work` between BEGIN and COMMIT on this connection, or ROLLBACK where it says so or throws. */
export async function inTransaction<T>(
  client: ClientBase,
  work: () => Promise<{ readonly commit: T } | { readonly rollback: T }>,
): Promise<T> {
  await client.query("BEGIN");
  try {
    const result = await work();
    if ("rollback" in result) {
      await client.query("ROLLBACK");
      return result.rollback;
    }
    await client.query("COMMIT");
    return result.commit;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

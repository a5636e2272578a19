import type { ClientBase } from "pg";

/** Has a statement sent that is not waited for before COMMIT: where it fails, PostgreSQL rolls back instead. */
type Behind = (statement: Promise<unknown>) => void;

/**
 * Runs `work` between BEGIN and COMMIT on this connection, or ROLLBACK where it says so or throws. BEGIN is not waited
 * for: on a connection that sends at once it travels with the first statement. What failed first is thrown: of what
 * was sent after it PostgreSQL says 25P02 alone, which tells nobody that the disk is full.
 */
export async function inTransaction<T>(
  client: ClientBase,
  work: (behind: Behind) => Promise<{ readonly commit: T } | { readonly rollback: T }>,
): Promise<T> {
  const sent: Promise<unknown>[] = [];
  let first: { readonly error: unknown } | undefined;
  const behind: Behind = (statement) => {
    sent.push(statement);
    statement.catch((error: unknown) => {
      first ??= { error };
    });
  };
  behind(client.query("BEGIN"));
  try {
    const result = await work(behind);
    if ("rollback" in result) {
      await client.query("ROLLBACK");
      return result.rollback;
    }
    await Promise.all([...sent, client.query("COMMIT")]);
    return result.commit;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw first === undefined ? error : first.error;
  }
}

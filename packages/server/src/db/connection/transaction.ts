import type pg from "pg";
import { beginTransaction, commitTransaction, rollBackTransaction } from "./transaction.store.ts";

/**
 * Runs `work` in one transaction (read committed) on a connection of the pool; whatever it throws rolls back
 * and passes through. When the connection is lost during the commit, the outcome is unknown: repeat only what
 * is idempotent.
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on("error", onError);
  try {
    await beginTransaction(client);
    const result = await work(client);
    await commitTransaction(client);
    return result;
  } catch (error) {
    await rollBackTransaction(client).catch((failure: unknown) => {
      broken ??= failure as Error;
    });
    throw error;
  } finally {
    client.off("error", onError);
    // A connection that could not even roll back must not go back into the pool.
    client.release(broken);
  }
}

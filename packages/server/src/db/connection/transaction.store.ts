import type { ClientBase } from "pg";

export async function beginTransaction(client: ClientBase): Promise<void> {
  await client.query("begin");
}

/** Throws when the transaction had already failed: PostgreSQL answers such a commit with a rollback. */
export async function commitTransaction(client: ClientBase): Promise<void> {
  const { command } = await client.query("commit");
  if (command !== "COMMIT") throw new Error("the transaction had failed and was rolled back");
}

export async function rollBackTransaction(client: ClientBase): Promise<void> {
  await client.query("rollback");
}

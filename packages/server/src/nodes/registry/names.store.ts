import type { ClientBase, Pool } from "pg";

/** So many names that a node had before are known as its own; the oldest go. */
export const FORMER_NAMES = 16;

/**
 * Gives a name to a live node, in the transaction that has just written it there: the unique index of live names lets
 * one such transaction through at a time. Gives the live node that was known by it before, which is so no more.
 */
export async function takeName(
  client: ClientBase,
  nodeId: string,
  name: string,
): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `WITH taken AS (DELETE FROM node_former_names WHERE name = $2 RETURNING node_id)
     SELECT n.name FROM taken JOIN nodes n ON n.id = taken.node_id WHERE n.id <> $1 AND n.revoked_at IS NULL`,
    [nodeId, name],
  );
  return rows[0]?.name;
}

/** A node goes on being known by the name that it had, under its lock. */
export async function keepFormerName(
  client: ClientBase,
  nodeId: string,
  name: string,
): Promise<void> {
  await client.query("INSERT INTO node_former_names (name, node_id) VALUES ($1, $2)", [
    name,
    nodeId,
  ]);
  await client.query(
    `DELETE FROM node_former_names WHERE name IN (
       SELECT name FROM node_former_names WHERE node_id = $1 ORDER BY since DESC OFFSET $2)`,
    [nodeId, FORMER_NAMES],
  );
}

export async function isFormerName(
  client: ClientBase,
  nodeId: string,
  name: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT FROM node_former_names WHERE name = $2 AND node_id = $1",
    [nodeId, name],
  );
  return rowCount === 1;
}

/** What the node that had this name before is called now, or was when it was revoked. */
export async function presentName(
  db: Pool | ClientBase,
  formerName: string,
): Promise<string | undefined> {
  const { rows } = await db.query<{ name: string }>(
    "SELECT n.name FROM node_former_names f JOIN nodes n ON n.id = f.node_id WHERE f.name = $1",
    [formerName],
  );
  return rows[0]?.name;
}

import type { NodeE2e } from "@yardmaster/protocol";
import type { ClientBase, Pool } from "pg";

export type LiveRole = "pairing" | "current" | "next";

export interface NewNodeToken {
  readonly id: string;
  readonly nodeId: string;
  readonly role: LiveRole;
  readonly hash: Buffer;
  readonly sealed: string | null;
  /** The node's policy from the first login with it on; null: as it is. */
  readonly e2e: NodeE2e | null;
  readonly createdBy: string;
  /** Null: until it is retired. */
  readonly lifeMs: number | null;
}

/** Under the node's lock; what had its role must be retired before. Gives when it expires. */
export async function insertNodeToken(
  client: ClientBase,
  token: NewNodeToken,
): Promise<string | null> {
  const { rows } = await client.query<{ expires_at: string | null }>(
    `INSERT INTO node_tokens (id, node_id, role, hash, sealed, e2e, created_by, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp() + $8 * interval '1 millisecond')
     RETURNING expires_at`,
    [
      token.id,
      token.nodeId,
      token.role,
      token.hash,
      token.sealed,
      token.e2e,
      token.createdBy,
      token.lifeMs,
    ],
  );
  return rows[0]?.expires_at ?? null;
}

/** Ends the tokens of a node that have one of these roles, under the node's lock. */
export async function retireTokens(
  client: ClientBase,
  nodeId: string,
  roles: readonly LiveRole[],
): Promise<void> {
  await client.query(
    `UPDATE node_tokens SET role = 'retired', retired_at = clock_timestamp()
     WHERE node_id = $1 AND role = ANY ($2::node_token_role[])`,
    [nodeId, roles],
  );
}

/**
 * Uses a pairing token up, under the node's lock: of two that come with it one finds it. Gives the policy that its
 * lasting token brings (null: the node's own), or undefined where it is used, expired or unknown.
 */
export async function usePairingToken(
  client: ClientBase,
  hash: Buffer,
): Promise<{ readonly e2e: NodeE2e | null; readonly createdBy: string } | undefined> {
  const { rows } = await client.query<{ e2e: NodeE2e | null; createdBy: string }>(
    `UPDATE node_tokens SET role = 'retired', retired_at = clock_timestamp(), last_used_at = clock_timestamp()
     WHERE hash = $1 AND role = 'pairing' AND expires_at > clock_timestamp()
     RETURNING e2e, created_by AS "createdBy"`,
    [hash],
  );
  return rows[0];
}

export async function hasCurrentToken(client: ClientBase, nodeId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT FROM node_tokens WHERE node_id = $1 AND role = 'current'",
    [nodeId],
  );
  return rowCount === 1;
}

/** Whether every token that the node may log in with is kept sealed. */
export async function areTokensSealed(client: ClientBase, nodeId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT FROM node_tokens WHERE node_id = $1 AND role IN ('current', 'next') AND sealed IS NULL",
    [nodeId],
  );
  return rowCount === 0;
}

/** A node that does without E2E keeps no token's text. */
export async function dropSeals(client: ClientBase, nodeId: string): Promise<void> {
  await client.query(
    "UPDATE node_tokens SET sealed = NULL WHERE node_id = $1 AND sealed IS NOT NULL",
    [nodeId],
  );
}

/** A rotation that the node has confirmed does not expire any more. False: it is over already. */
export async function keepNextToken(pool: Pool, tokenId: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    "UPDATE node_tokens SET expires_at = NULL WHERE id = $1 AND role IN ('next', 'current')",
    [tokenId],
  );
  return rowCount === 1;
}

/** The new token that a machine of ours has, by its own word or because it swapped a pairing token for it. */
export async function findHeldNextToken(
  client: ClientBase,
  nodeId: string,
): Promise<{ readonly tokenId: string; readonly e2e: NodeE2e | null } | undefined> {
  const { rows } = await client.query<{ tokenId: string; e2e: NodeE2e | null }>(
    `SELECT id AS "tokenId", e2e FROM node_tokens
     WHERE node_id = $1 AND role = 'next' AND expires_at IS NULL`,
    [nodeId],
  );
  return rows[0];
}

/** Drops a new token that the node refused. One that it logged in with meanwhile stays. */
export async function dropNextToken(pool: Pool, tokenId: string): Promise<void> {
  await pool.query(
    `UPDATE node_tokens SET role = 'retired', retired_at = clock_timestamp()
     WHERE id = $1 AND role = 'next'`,
    [tokenId],
  );
}

export interface FoundToken {
  readonly tokenId: string;
  readonly nodeId: string;
  readonly name: string;
  /** It is, or was, called as was asked. */
  readonly isNamed: boolean;
  readonly hash: Buffer;
  /** The node's policy, or the one that its next token brings. */
  readonly e2e: NodeE2e;
  readonly isPairing: boolean;
  readonly isNodeRevoked: boolean;
  /** Neither it nor its node was revoked, and it has not expired. */
  readonly isLive: boolean;
}

const IS_LIVE = `(n.revoked_at IS NULL AND (t.role = 'current'
  OR (t.role = 'next' AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp()))))`;

/** Whose token has this digest. One look into one unique index, whether there is such a token or not. */
export async function findNodeToken(
  pool: Pool,
  hash: Buffer,
  name: string,
): Promise<FoundToken | undefined> {
  const { rows } = await pool.query<FoundToken>({
    name: "find_node_token",
    text: `SELECT t.id AS "tokenId", t.node_id AS "nodeId", n.name, t.hash,
             n.name = $2 OR EXISTS (SELECT FROM node_former_names f WHERE f.name = $2 AND f.node_id = n.id) AS "isNamed",
             CASE t.role WHEN 'next' THEN coalesce(t.e2e, n.e2e) ELSE n.e2e END AS e2e,
             t.role = 'pairing' AS "isPairing", n.revoked_at IS NOT NULL AS "isNodeRevoked", ${IS_LIVE} AS "isLive"
           FROM node_tokens t JOIN nodes n ON n.id = t.node_id WHERE t.hash = $1`,
    values: [hash, name],
  });
  return rows[0];
}

/** Notes that these were used, beside the logins themselves. */
export async function noteTokenUses(pool: Pool, tokenIds: readonly string[]): Promise<void> {
  await pool.query(
    "UPDATE node_tokens SET last_used_at = clock_timestamp() WHERE id = ANY ($1::uuid[])",
    [tokenIds],
  );
}

/** Removes tokens of live nodes that were retired before; at most `limit`. Gives how many. */
export async function deleteOldNodeTokens(
  pool: Pool,
  before: Date,
  limit: number,
): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM node_tokens WHERE id IN (
       SELECT id FROM node_tokens WHERE retired_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    [before, limit],
  );
  return rowCount ?? 0;
}

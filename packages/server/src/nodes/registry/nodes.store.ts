import type { NodeBase, NodeClient, NodeE2e, NodeGrants, NodeLabels } from "@yardmaster/protocol";
import type { ClientBase, Pool } from "pg";
import type { NodeProfile } from "./registry.types.ts";

export interface NewNode {
  readonly id: string;
  readonly name: string;
  readonly pairedFor: NodeClient;
  readonly e2e: NodeE2e;
  readonly labels: NodeLabels;
  readonly grants: NodeGrants;
  readonly base: NodeBase;
  readonly createdBy: string;
}

/** A row of `nodes`, as it is read under its lock. */
export interface NodeRow extends NodeProfile {
  readonly pairedFor: NodeClient;
  readonly epoch: number;
  readonly isRevoked: boolean;
}

/** What a node may be asked for, and how a base client is spoken with. */
export interface GrantColumns {
  readonly can_exec: boolean;
  readonly can_read: boolean;
  readonly can_write: boolean;
  readonly can_jobs: boolean;
  readonly granted_paths: string[] | null;
  readonly base_chunks: NodeBase["chunks"];
  readonly base_env: NodeBase["env"];
  readonly base_stdin_guard: boolean;
}

interface RawNode extends GrantColumns {
  readonly id: string;
  readonly name: string;
  readonly paired_for: NodeClient;
  readonly e2e: NodeE2e;
  readonly labels: NodeLabels;
  readonly epoch: number;
  readonly revoked: boolean;
}

const COLUMNS = `n.id, n.name, n.paired_for, n.e2e, n.labels, n.can_exec, n.can_read, n.can_write, n.can_jobs, n.granted_paths,
  n.base_chunks, n.base_env, n.base_stdin_guard, n.epoch, n.revoked_at IS NOT NULL AS revoked`;

function nodeOf(raw: RawNode): NodeRow {
  return {
    nodeId: raw.id,
    name: raw.name,
    pairedFor: raw.paired_for,
    e2e: raw.e2e,
    operatorLabels: raw.labels,
    grants: {
      exec: raw.can_exec,
      read: raw.can_read,
      write: raw.can_write,
      jobs: raw.can_jobs,
      paths: raw.granted_paths,
    },
    base: { chunks: raw.base_chunks, env: raw.base_env, stdin_guard: raw.base_stdin_guard },
    epoch: raw.epoch,
    isRevoked: raw.revoked,
  };
}

/** False where a live node has the name: the unique index settles races, the later one waits for the first. */
export async function insertNode(client: ClientBase, node: NewNode): Promise<boolean> {
  const { grants, base } = node;
  const { rowCount } = await client.query(
    `INSERT INTO nodes (id, name, paired_for, e2e, labels, can_exec, can_read, can_write, can_jobs, base_chunks,
       base_env, base_stdin_guard, created_by, granted_paths)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING`,
    [
      node.id,
      node.name,
      node.pairedFor,
      node.e2e,
      node.labels,
      grants.exec,
      grants.read,
      grants.write,
      grants.jobs,
      base.chunks,
      base.env,
      base.stdin_guard,
      node.createdBy,
      grants.paths,
    ],
  );
  return rowCount === 1;
}

/** The live node of a name, locked until the transaction ends: logins, rotations and a revocation follow one another. */
export async function lockLiveNode(client: ClientBase, name: string): Promise<NodeRow | undefined> {
  const { rows } = await client.query<RawNode>(
    `SELECT ${COLUMNS} FROM nodes n WHERE name = $1 AND revoked_at IS NULL FOR NO KEY UPDATE`,
    [name],
  );
  return rows[0] && nodeOf(rows[0]);
}

/** The node that a live pairing token is of, locked as by `lockLiveNode`. */
export async function lockNodeToPair(
  client: ClientBase,
  hash: Buffer,
): Promise<NodeRow | undefined> {
  const { rows } = await client.query<RawNode>(
    `SELECT ${COLUMNS} FROM nodes n
     WHERE id = (SELECT node_id FROM node_tokens WHERE hash = $1 AND role = 'pairing') AND revoked_at IS NULL
     FOR NO KEY UPDATE`,
    [hash],
  );
  return rows[0] && nodeOf(rows[0]);
}

/** Writes what a PATCH changes, under the lock of `lockLiveNode`. False where another live node has the name. */
export async function updateNode(client: ClientBase, node: NodeProfile): Promise<boolean> {
  const { grants, base } = node;
  const { rowCount } = await client.query(
    `UPDATE nodes SET name = $2, labels = $3, e2e = $4, can_exec = $5, can_read = $6, can_write = $7, can_jobs = $8,
       base_chunks = $9, base_env = $10, base_stdin_guard = $11, granted_paths = $12
     WHERE id = $1 AND NOT EXISTS (SELECT FROM nodes o WHERE o.name = $2 AND o.revoked_at IS NULL AND o.id <> $1)`,
    [
      node.nodeId,
      node.name,
      node.operatorLabels,
      node.e2e,
      grants.exec,
      grants.read,
      grants.write,
      grants.jobs,
      base.chunks,
      base.env,
      base.stdin_guard,
      grants.paths,
    ],
  );
  return rowCount === 1;
}

export interface RevokedBy {
  readonly actor: string;
  /** In their words. */
  readonly reason: string | undefined;
}

/** Marks a node revoked, under the lock of `lockLiveNode`: no login after this transaction finds it live. */
export async function markRevoked(
  client: ClientBase,
  nodeId: string,
  { actor, reason }: RevokedBy,
): Promise<void> {
  await client.query(
    "UPDATE nodes SET revoked_at = clock_timestamp(), revoked_by = $2, revoked_reason = $3 WHERE id = $1",
    [nodeId, actor, reason ?? null],
  );
}

export async function readProfile(pool: Pool, nodeId: string): Promise<NodeProfile | undefined> {
  const { rows } = await pool.query<RawNode>(
    `SELECT ${COLUMNS} FROM nodes n WHERE id = $1 AND revoked_at IS NULL`,
    [nodeId],
  );
  return rows[0] && nodeOf(rows[0]);
}

export interface SealedToken {
  readonly tokenId: string;
  readonly sealed: string;
  readonly isLive: boolean;
}

/**
 * The live node of a name, else the one that had it before it was renamed, else the one that was revoked last; with those
 * of its tokens whose text is kept: valid ones first, the current one before the next. No rows for an unknown name, after
 * the same looks.
 */
export async function findNodeWithSeals(
  pool: Pool,
  name: string,
  limit: number,
): Promise<{ readonly node: NodeRow; readonly tokens: readonly SealedToken[] } | undefined> {
  const { rows } = await pool.query<RawNode & { tokens: SealedToken[] | null }>({
    name: "find_node_with_seals",
    text: `SELECT ${COLUMNS}, (
             SELECT json_agg(json_build_object('tokenId', t.id, 'sealed', t.sealed, 'isLive', t.live)) FROM (
               SELECT t.id, t.sealed, n.revoked_at IS NULL AND t.role IN ('current', 'next')
                 AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp()) AS live
               FROM node_tokens t WHERE t.node_id = n.id AND t.sealed IS NOT NULL
               ORDER BY live DESC, t.role, t.retired_at DESC LIMIT $2) AS t) AS tokens
           FROM nodes n JOIN (
             SELECT id, CASE WHEN revoked_at IS NULL THEN 0 ELSE 2 END AS rank FROM nodes WHERE name = $1
             UNION ALL SELECT node_id, 1 FROM node_former_names WHERE name = $1) AS named USING (id)
           ORDER BY named.rank, n.revoked_at DESC LIMIT 1`,
    values: [name, limit],
  });
  return rows[0] && { node: nodeOf(rows[0]), tokens: rows[0].tokens ?? [] };
}

/** Counts the login: locks the row, and finds none once the node is revoked. See `logins.store.ts`. */
export async function countLogin(client: ClientBase, nodeId: string): Promise<NodeRow | undefined> {
  const { rows } = await client.query<RawNode>({
    name: "count_node_login",
    text: `UPDATE nodes n SET epoch = epoch + 1 WHERE id = $1 AND revoked_at IS NULL RETURNING ${COLUMNS}`,
    values: [nodeId],
  });
  return rows[0] && nodeOf(rows[0]);
}

/** Removes nodes that were revoked before, with their tokens and links; at most `limit`. Gives how many. */
export async function deleteOldNodes(pool: Pool, before: Date, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM nodes WHERE id IN (
       SELECT id FROM nodes WHERE revoked_at < $1 ORDER BY revoked_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    [before, limit],
  );
  return rowCount ?? 0;
}

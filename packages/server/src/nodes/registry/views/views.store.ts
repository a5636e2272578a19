import type {
  NodeClient,
  NodeE2e,
  NodeLabels,
  NodeRefusalReason,
  NodeStatus,
} from "@yardmaster/protocol";
import type { ClientBase, Pool } from "pg";
import type { GrantColumns } from "../nodes.store.ts";

/** A node with its link and its pairing token, as the list shows it. */
export interface NodeViewRow extends GrantColumns {
  readonly id: string;
  readonly name: string;
  readonly status: NodeStatus;
  readonly since: string;
  readonly paired_for: NodeClient;
  readonly e2e: NodeE2e;
  readonly operator_labels: NodeLabels;
  readonly created_at: string;
  readonly created_by: string;
  readonly revoked_at: string | null;
  readonly revoked_by: string | null;
  readonly revoked_reason: string | null;
  /** Of its pairing token, where it has one; it may be past. */
  readonly pairing_expires_at: string | null;
  readonly is_pairing_over: boolean | null;
  /** The process that held its link is gone. */
  readonly is_orphaned: boolean;
  readonly until: string | null;
  readonly link_reason: string | null;
  readonly last_seen_at: string | null;
  readonly address: string | null;
  readonly client: NodeClient | null;
  readonly protocol_version: string | null;
  readonly capabilities: string[] | null;
  readonly node_version: string | null;
  readonly platform: string | null;
  readonly arch: string | null;
  readonly labels: NodeLabels | null;
  readonly os_version: string | null;
  readonly cpu_count: number | null;
  readonly mem_bytes: number | null;
  readonly slots: number | null;
  readonly calls: number | null;
  readonly jobs: number | null;
  readonly refused_at: string | null;
  readonly refused_address: string | null;
  readonly refused_reason: NodeRefusalReason | null;
}

export interface LabelWanted {
  readonly key: string;
  /** Null: any. */
  readonly value: string | null;
}

export interface NodeListFilter {
  readonly statuses: readonly NodeStatus[] | undefined;
  readonly labels: readonly LabelWanted[];
  readonly limit: number;
  /** Name and id of the last one of the page before. */
  readonly after: { readonly name: string; readonly id: string } | undefined;
}

/** $1: ids of the living processes. A link whose process is gone, or whose time to come back is over, is none. */
const VIEW = `
  SELECT n.id, n.name, n.paired_for, n.e2e, n.labels AS operator_labels, n.can_exec, n.can_read, n.can_write,
    n.can_jobs, n.granted_paths, n.base_chunks, n.base_env, n.base_stdin_guard, n.created_at, n.created_by, n.revoked_at, n.revoked_by,
    n.revoked_reason,
    p.expires_at AS pairing_expires_at, p.expires_at <= clock_timestamp() AS is_pairing_over,
    l.state IS NOT NULL AND NOT g.is_up AND NOT g.is_late AS is_orphaned, l.until, l.reason AS link_reason,
    l.last_seen_at, l.address, l.client, l.protocol_version, l.capabilities, l.node_version, l.platform, l.arch,
    l.labels, l.os_version, l.cpu_count, l.mem_bytes, l.slots, l.calls, l.jobs,
    r.at AS refused_at, r.address AS refused_address, r.reason AS refused_reason,
    CASE WHEN n.revoked_at IS NOT NULL THEN 'revoked' WHEN l.node_id IS NULL THEN 'never_seen'
      WHEN g.is_up THEN l.state ELSE 'disconnected' END AS status,
    CASE WHEN n.revoked_at IS NOT NULL THEN n.revoked_at WHEN l.node_id IS NULL THEN n.created_at
      WHEN g.is_late THEN l.until WHEN l.state IS NULL OR g.is_up THEN l.since ELSE l.last_seen_at END AS since
  FROM nodes n
  LEFT JOIN node_links l ON l.node_id = n.id
  LEFT JOIN node_refusals r ON r.node_id = n.id
  LEFT JOIN node_tokens p ON p.node_id = n.id AND p.role = 'pairing'
  CROSS JOIN LATERAL (SELECT coalesce(l.until <= clock_timestamp(), false) AS is_late) AS t
  CROSS JOIN LATERAL (
    SELECT t.is_late, l.state IS NOT NULL AND l.process_id = ANY ($1::uuid[]) AND NOT t.is_late AS is_up
  ) AS g`;

/**
 * By name, and those of one name as they were made: an order that holds while some are revoked, so that the next page
 * repeats and leaves out none.
 */
export async function listNodeViews(
  pool: Pool,
  livingProcesses: readonly string[],
  filter: NodeListFilter,
): Promise<NodeViewRow[]> {
  const { rows } = await pool.query<NodeViewRow>(
    `SELECT * FROM (${VIEW}) AS v
     WHERE ($2::text[] IS NULL OR v.status = ANY ($2))
       AND ($3::text IS NULL OR (v.name, v.id) > ($3, $4::uuid))
       AND NOT EXISTS (
         SELECT FROM unnest($5::text[], $6::text[]) AS w(key, value)
         CROSS JOIN LATERAL (SELECT coalesce(v.operator_labels ->> w.key, v.labels ->> w.key) AS has) AS h
         WHERE h.has IS NULL OR (w.value IS NOT NULL AND h.has <> w.value))
     ORDER BY v.name, v.id LIMIT $7`,
    [
      livingProcesses,
      filter.statuses ?? null,
      filter.after?.name ?? null,
      filter.after?.id ?? null,
      filter.labels.map(({ key }) => key),
      filter.labels.map(({ value }) => value),
      filter.limit,
    ],
  );
  return rows;
}

/** The live node of a name, else the one that was revoked last. */
export async function findNodeView(
  pool: Pool,
  livingProcesses: readonly string[],
  name: string,
): Promise<NodeViewRow | undefined> {
  const { rows } = await pool.query<NodeViewRow>({
    name: "find_node_view",
    text: `${VIEW} WHERE n.name = $2 ORDER BY n.revoked_at DESC NULLS FIRST LIMIT 1`,
    values: [livingProcesses, name],
  });
  return rows[0];
}

export async function findNodeViewById(
  pool: Pool,
  livingProcesses: readonly string[],
  id: string,
): Promise<NodeViewRow | undefined> {
  const { rows } = await pool.query<NodeViewRow>(`${VIEW} WHERE n.id = $2`, [livingProcesses, id]);
  return rows[0];
}

/** Names of live nodes, for hints. */
export async function liveNodeNames(db: Pool | ClientBase, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    "SELECT name FROM nodes WHERE revoked_at IS NULL ORDER BY name LIMIT $1",
    [limit],
  );
  return rows.map((row) => row.name);
}

import type { YardNode } from "@yardmaster/protocol";
import { quoted } from "./quoted.ts";
import { refusalView } from "./refusal-view.ts";
import type { NodeViewRow } from "./views.store.ts";

/** What the API shows of a node. */
export function nodeView(row: NodeViewRow): YardNode {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    reason: reasonOf(row),
    labels: { ...row.labels, ...row.operator_labels },
    operator_labels: { ...row.operator_labels },
    since: row.since,
    address: row.address,
    node_version: row.node_version,
    protocol_version: row.protocol_version,
    platform: row.platform,
    arch: row.arch,
    os_version: row.os_version,
    capabilities: row.capabilities ?? [],
    client: row.client,
    load: { calls: row.calls ?? 0, jobs: row.jobs ?? 0, slots: row.slots ?? 0 },
    cpu_count: row.cpu_count,
    mem_bytes: row.mem_bytes,
    e2e: row.e2e,
    grants: {
      exec: row.can_exec,
      read: row.can_read,
      write: row.can_write,
      jobs: row.can_jobs,
      paths: row.granted_paths,
    },
    base: {
      chunks: row.base_chunks,
      env: row.base_env,
      stdin_guard: row.base_stdin_guard,
    },
    created_at: row.created_at,
    created_by: row.created_by,
    last_seen_at: row.last_seen_at,
    revoked_at: row.revoked_at,
    revoked_by: row.revoked_by,
    revoked_reason: row.revoked_reason,
    refused: refusalView(row),
  };
}

/** Why a node is not connected and what to do, in a sentence or two; null where it is. */
export function reasonOf(row: NodeViewRow): string | null {
  switch (row.status) {
    case "connected":
      return null;
    case "reconnecting":
      return `Its link was lost; it may come back until ${row.until}. Calls under way wait for it; a new one may too: --wait 30s`;
    case "draining":
      return `It is going away${row.link_reason === null ? "" : ` (${row.link_reason})`} and takes no new work.`;
    case "never_seen":
      return neverSeen(row);
    case "revoked":
      return `It was revoked at ${row.since} by ${whoRevoked(row)}. Where it is to come back, pair the machine anew: yard node pair ${quoted(row.name)}`;
    case "disconnected":
      return `${lostBy(row)} ${refusedSince(row) ?? startIt(row)}`;
  }
}

function whoRevoked({
  revoked_by,
  revoked_reason,
}: Pick<YardNode, "revoked_by" | "revoked_reason">): string {
  return `${revoked_by}${revoked_reason === null ? "" : ` (${revoked_reason})`}`;
}

function neverSeen(row: NodeViewRow): string {
  const refused = refusedSince(row);
  if (refused !== undefined) return `It was paired. ${refused}`;
  if (row.is_pairing_over === true) {
    return `It was paired, and its pairing token expired unused at ${row.pairing_expires_at}. Make another: yard node rotate ${quoted(row.name)}`;
  }
  if (row.pairing_expires_at !== null) {
    return `It was paired and has not come. Run the line that \`yard node pair\` gave on the machine before ${row.pairing_expires_at}.`;
  }
  return `It has its token and has not logged in. ${startIt(row)}`;
}

/** Whoever was refused after that does not come again by itself. */
function refusedSince(row: NodeViewRow): string | undefined {
  const refused = refusalView(row);
  if (refused === null || refused.at < row.since) return undefined;
  return `Its login at ${refused.at}, from ${refused.address}, was refused: ${refused.detail}`;
}

function lostBy(row: NodeViewRow): string {
  if (row.is_orphaned) return "The server process that held its link is gone.";
  const reason = row.link_reason ?? "Its link was lost";
  return /[.!]$/.test(reason) ? reason : `${reason}.`;
}

function startIt({ client, paired_for }: NodeViewRow): string {
  return (client ?? paired_for) === "base"
    ? "Where it does not come back by itself within a minute, start it on the machine: hermes-node run"
    : "Where it does not come back by itself within 30 s, start it on the machine: yard node run";
}

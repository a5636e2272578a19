import type { NodeE2e } from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import type { Login } from "../registry.types.ts";

/**
 * A login is one transaction. `countLogin` takes the node's row first, as a revocation does, so that the two follow one
 * another; what comes after reads with a snapshot of its own and sees what the one before has committed.
 */
export interface LoginState {
  readonly role: "current" | "next";
  /** The node's policy from this login on; null: as it is. */
  readonly e2e: NodeE2e | null;
  /** The session that has the place. */
  readonly presentSession: string | null;
  /** Its node may come back to it, and this login may be that. */
  readonly isPresentAway: boolean;
  /** Its link is up, as far as its process has said. */
  readonly isPresentUp: boolean;
  /** Other machines took the place so often within the last minute. */
  readonly oustedLately: number;
  readonly isInConflict: boolean;
}

/** The token and the link of a node that is locked; undefined where the token is not valid (any more). */
export async function readLoginState(
  client: ClientBase,
  login: Pick<Login, "nodeId" | "tokenId">,
): Promise<LoginState | undefined> {
  const { rows } = await client.query<LoginState>({
    name: "read_node_login",
    text: `SELECT t.role, t.e2e, l.session_id AS "presentSession",
             coalesce(l.state = 'reconnecting', false) AS "isPresentAway",
             coalesce(l.state = 'connected', false) AS "isPresentUp",
             (SELECT count(*)::int FROM unnest(l.ousted_at) AS ousted(at)
              WHERE ousted.at > clock_timestamp() - interval '60 seconds') AS "oustedLately",
             coalesce(l.conflict_until > clock_timestamp(), false) AS "isInConflict"
           FROM node_tokens t LEFT JOIN node_links l ON l.node_id = t.node_id
           WHERE t.id = $2 AND t.node_id = $1
             AND (t.role = 'current'
               OR (t.role = 'next' AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp())))`,
    values: [login.nodeId, login.tokenId],
  });
  return rows[0];
}

export interface LinkPlace {
  readonly login: Login;
  readonly epoch: number;
  readonly processId: string;
  /** It takes the place of a link that is up. */
  readonly ousts: boolean;
}

/**
 * Gives the place to the session. Where a machine of the base protocol ousts a link that is up, that counts at once:
 * it will not say who it is.
 */
export async function takePlace(client: ClientBase, place: LinkPlace): Promise<void> {
  const { login, epoch, processId, ousts } = place;
  await client.query({
    name: "take_node_place",
    text: `INSERT INTO node_links AS l (node_id, session_id, process_id, token_id, epoch, state, since, connected_at,
             last_seen_at, address, encrypted, client, protocol_version, capabilities, node_version, platform, arch)
           VALUES ($1, $2, $3, $4, $5, 'connected', clock_timestamp(), clock_timestamp(), clock_timestamp(),
             $6, $7, $8, $9, $10, $11, $12, $13)
           ON CONFLICT (node_id) DO UPDATE SET
             session_id = excluded.session_id, process_id = excluded.process_id, token_id = excluded.token_id,
             epoch = excluded.epoch, state = excluded.state, since = excluded.since, until = NULL, reason = NULL,
             connected_at = excluded.connected_at, last_seen_at = excluded.last_seen_at, address = excluded.address,
             encrypted = excluded.encrypted, client = excluded.client,
             protocol_version = excluded.protocol_version, capabilities = excluded.capabilities,
             node_version = excluded.node_version, platform = excluded.platform, arch = excluded.arch,
             instance_id = NULL, labels = '{}', os_version = NULL, cpu_count = NULL, mem_bytes = NULL, slots = 1,
             agent_version = NULL, features = '{}', calls = 0, jobs = 0,
             ousted_live = $14, ousted_instance = l.instance_id,
             ousted_at = CASE WHEN $14 AND excluded.client = 'base'
               THEN (array_prepend(clock_timestamp(), l.ousted_at))[1:3] ELSE l.ousted_at END`,
    values: [
      login.nodeId,
      login.sessionId,
      processId,
      login.tokenId,
      epoch,
      login.address,
      login.isEncrypted,
      login.client,
      login.protocolVersion,
      login.capabilities,
      login.nodeVersion,
      login.platform,
      login.arch,
      ousts,
    ],
  });
}

/** The present link keeps its place for another minute; true where that is new. */
export async function noteConflict(client: ClientBase, nodeId: string): Promise<boolean> {
  const { rows } = await client.query<{ isNew: boolean }>(
    `WITH before AS (SELECT conflict_until FROM node_links WHERE node_id = $1)
     UPDATE node_links SET conflict_until = clock_timestamp() + interval '60 seconds' WHERE node_id = $1
     RETURNING coalesce((SELECT conflict_until FROM before) <= clock_timestamp(), true) AS "isNew"`,
    [nodeId],
  );
  return rows[0]?.isNew === true;
}

/**
 * The first login with the new token of a rotation: it becomes the node's own, and the one before is retired. Who
 * contended for the place with that one is forgotten.
 */
export async function settleRotation(
  client: ClientBase,
  nodeId: string,
  tokenId: string,
): Promise<void> {
  await client.query(
    `UPDATE node_tokens SET role = 'retired', retired_at = clock_timestamp()
     WHERE node_id = $1 AND role = 'current'`,
    [nodeId],
  );
  await client.query(
    "UPDATE node_tokens SET role = 'current', expires_at = NULL WHERE id = $1 AND role = 'next'",
    [tokenId],
  );
  await client.query(
    "UPDATE node_links SET ousted_at = '{}', conflict_until = NULL WHERE node_id = $1",
    [nodeId],
  );
}

export async function setE2e(client: ClientBase, nodeId: string, e2e: NodeE2e): Promise<void> {
  await client.query("UPDATE nodes SET e2e = $2 WHERE id = $1", [nodeId, e2e]);
}

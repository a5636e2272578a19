import type { NodeLoad } from "@yardmaster/protocol";
import type { ClientBase, Pool } from "pg";
import type { NodeFacts } from "../registry.types.ts";

/** What is told of a link whose state changed. */
export interface LinkChange {
  readonly nodeId: string;
  readonly name: string;
  readonly sessionId: string;
  readonly isRevoked: boolean;
}

/** Every write here names the session: what is left of an old link finds nothing. */
const CHANGED = `n.id AS "nodeId", n.name, b.session_id AS "sessionId", n.revoked_at IS NOT NULL AS "isRevoked"`;

export async function setLinkState(
  pool: Pool,
  change: {
    readonly sessionId: string;
    readonly state: "reconnecting" | "draining";
    readonly graceMs: number | null;
    readonly reason: string | null;
  },
): Promise<LinkChange | undefined> {
  const { rows } = await pool.query<LinkChange>(
    `UPDATE node_links b SET state = $2, since = clock_timestamp(),
       until = clock_timestamp() + $3 * interval '1 millisecond', reason = $4
     FROM nodes n WHERE n.id = b.node_id AND b.session_id = $1
     RETURNING ${CHANGED}`,
    [change.sessionId, change.state, change.graceMs, change.reason],
  );
  return rows[0];
}

const NO_LINK = `session_id = NULL, process_id = NULL, state = NULL, until = NULL, since = clock_timestamp(),
  calls = 0, jobs = 0, conflict_until = NULL`;

/** Ends a session's link; undefined where it was not the node's (any more). */
export async function endLink(
  pool: Pool,
  sessionId: string,
  reason: string,
): Promise<LinkChange | undefined> {
  const { rows } = await pool.query<LinkChange>(
    `UPDATE node_links l SET ${NO_LINK}, reason = $2, last_seen_at = clock_timestamp()
     FROM nodes n, (SELECT node_id, session_id FROM node_links WHERE session_id = $1 FOR UPDATE) b
     WHERE l.node_id = b.node_id AND n.id = l.node_id
     RETURNING ${CHANGED}`,
    [sessionId, reason],
  );
  return rows[0];
}

/** Processes that rows say hold links, besides this one. */
export async function holdersBesides(pool: Pool, processId: string): Promise<string[]> {
  const { rows } = await pool.query<{ process_id: string }>(
    "SELECT DISTINCT process_id FROM node_links WHERE process_id <> $1",
    [processId],
  );
  return rows.map((row) => row.process_id);
}

/** Ends the links of processes that have ended: an ended process never comes back under its id. */
export async function endLinksOf(
  pool: Pool,
  endedProcesses: readonly string[],
  reason: string,
): Promise<LinkChange[]> {
  const { rows } = await pool.query<LinkChange>(
    `UPDATE node_links l SET ${NO_LINK}, reason = $2
     FROM nodes n, (SELECT node_id, session_id FROM node_links WHERE process_id = ANY ($1::uuid[]) FOR UPDATE) b
     WHERE l.node_id = b.node_id AND n.id = l.node_id
     RETURNING ${CHANGED}`,
    [endedProcesses, reason],
  );
  return rows;
}

/** The link's process has a new id: what it holds is told apart from what a dead one held. */
export async function moveLinks(
  pool: Pool,
  sessionIds: readonly string[],
  processId: string,
): Promise<void> {
  await pool.query(
    "UPDATE node_links SET process_id = $2 WHERE session_id = ANY ($1::uuid[]) AND process_id <> $2",
    [sessionIds, processId],
  );
}

export interface HeldSession {
  readonly sessionId: string;
  readonly nodeId: string;
  readonly epoch: number;
}

/** A session that the rows do not give the place, or whose node is revoked. */
export interface StraySession {
  readonly sessionId: string;
  readonly nodeId: string;
  readonly isRevoked: boolean;
  readonly presentSession: string | null;
  readonly presentEpoch: number | null;
}

/** Of the sessions held here, those that have lost their place. */
export async function findStrays(
  pool: Pool,
  held: readonly HeldSession[],
): Promise<StraySession[]> {
  const { rows } = await pool.query<StraySession>({
    name: "find_stray_node_sessions",
    text: `SELECT h.session_id AS "sessionId", h.node_id AS "nodeId",
             n.id IS NULL OR n.revoked_at IS NOT NULL AS "isRevoked",
             l.session_id AS "presentSession", l.epoch AS "presentEpoch"
           FROM unnest($1::uuid[], $2::uuid[]) AS h(session_id, node_id)
           LEFT JOIN nodes n ON n.id = h.node_id
           LEFT JOIN node_links l ON l.node_id = h.node_id
           WHERE n.id IS NULL OR n.revoked_at IS NOT NULL OR l.session_id IS DISTINCT FROM h.session_id`,
    values: [held.map(({ sessionId }) => sessionId), held.map(({ nodeId }) => nodeId)],
  });
  return rows;
}

/** Gives a session its place back that was ended in error, unless somebody has logged in since. */
export async function reclaimPlace(
  pool: Pool,
  held: HeldSession,
  processId: string,
): Promise<void> {
  await pool.query(
    `UPDATE node_links SET session_id = $2, process_id = $4, state = 'connected', since = clock_timestamp(),
       until = NULL, reason = NULL
     WHERE node_id = $1 AND session_id IS NULL AND epoch = $3`,
    [held.nodeId, held.sessionId, held.epoch, processId],
  );
}

/**
 * Keeps what the node says of itself. Where it took the place of a link that was up and is another machine than that
 * one was, that is counted: three times within a minute are a conflict.
 */
export async function noteFacts(pool: Pool, sessionId: string, facts: NodeFacts): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE node_links SET instance_id = $2, labels = $3, os_version = $4, cpu_count = $5, mem_bytes = $6, slots = $7,
       agent_version = $8, features = $9, last_seen_at = clock_timestamp(), ousted_live = false,
       ousted_at = CASE WHEN ousted_live AND $2 IS DISTINCT FROM ousted_instance
         THEN (array_prepend(clock_timestamp(), ousted_at))[1:3] ELSE ousted_at END
     WHERE session_id = $1`,
    [
      sessionId,
      facts.instanceId,
      facts.labels,
      facts.osVersion,
      facts.cpuCount,
      facts.memBytes,
      facts.slots,
      facts.agentVersion,
      facts.features,
    ],
  );
  return rowCount === 1;
}

export interface LinkNote {
  readonly sessionId: string;
  readonly load: NodeLoad | undefined;
}

/** Writes what was gathered of many links in one statement. Rows in the order of their sessions: writers do not cross. */
export async function noteLinks(pool: Pool, notes: readonly LinkNote[]): Promise<void> {
  const ordered = [...notes].sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
  await pool.query({
    name: "note_node_links",
    text: `UPDATE node_links l SET last_seen_at = clock_timestamp(), calls = coalesce(s.calls, l.calls),
             jobs = coalesce(s.jobs, l.jobs), slots = coalesce(s.slots, l.slots)
           FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[]) AS s(session_id, calls, jobs, slots)
           WHERE l.session_id = s.session_id`,
    values: [
      ordered.map(({ sessionId }) => sessionId),
      ordered.map(({ load }) => load?.calls ?? null),
      ordered.map(({ load }) => load?.jobs ?? null),
      ordered.map(({ load }) => load?.slots ?? null),
    ],
  });
}

/** The process that holds a node's link; undefined without one. */
export async function holderOf(pool: Pool, nodeId: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ process_id: string | null }>({
    name: "node_link_holder",
    text: "SELECT process_id FROM node_links WHERE node_id = $1",
    values: [nodeId],
  });
  return rows[0]?.process_id ?? undefined;
}

/** Tells every process, when the transaction has committed. */
export async function notifyNodes(
  client: ClientBase | Pool,
  channel: string,
  payload: string,
): Promise<void> {
  await client.query("SELECT pg_notify($1, $2)", [channel, payload]);
}

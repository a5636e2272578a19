import type { ClientBase, Pool } from "pg";

/** How long a session lives without being renewed, by the database's clock. */
export const SESSION_LIFE_MS = 6_000;

export interface SessionRow {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly processStart: string;
  readonly roles: readonly string[];
  readonly owner: boolean;
  /** Of Yardmaster. */
  readonly version?: string | undefined;
  /** Where its API listens, once it does. */
  readonly url?: string | undefined;
}

const EXPIRY = `clock_timestamp() + interval '${SESSION_LIFE_MS} milliseconds'`;

/** Again, where the answer was lost: then it lives from now on. One that was ended meanwhile stays so. */
export async function insertSession(client: ClientBase, row: SessionRow): Promise<void> {
  await client.query(
    `INSERT INTO sessions (id, host, pid, process_start, roles, owner, url, version, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, ${EXPIRY})
     ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at WHERE sessions.ended_at IS NULL`,
    [
      ...[row.id, row.host, row.pid, row.processStart, row.roles, row.owner],
      ...[row.url ?? null, row.version ?? null],
    ],
  );
}

/** False: the session was ended; it may never come back. A late renewal of one that was not is fine. */
export async function renewSession(
  client: ClientBase,
  id: string,
  resting?: string,
): Promise<boolean> {
  const result = await client.query(
    `UPDATE sessions SET expires_at = ${EXPIRY}, resting = $2 WHERE id = $1 AND ended_at IS NULL`,
    [id, resting ?? null],
  );
  return result.rowCount === 1;
}

export async function endSession(pool: Pool, id: string, reason: string): Promise<void> {
  await pool.query(
    "UPDATE sessions SET ended_at = clock_timestamp(), end_reason = $2 WHERE id = $1 AND ended_at IS NULL",
    [id, reason],
  );
}

/** Ends the sessions of earlier owners of the data folder: whoever holds its lock knows that they are gone. */
export async function endPredecessors(pool: Pool, own: string): Promise<number> {
  const result = await pool.query(
    `UPDATE sessions SET ended_at = clock_timestamp(), end_reason = 'its data folder has a new owner'
     WHERE owner AND ended_at IS NULL AND id <> $1`,
    [own],
  );
  return result.rowCount ?? 0;
}

/** A living process of the installation, and what it holds. */
export interface SessionView {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly roles: string[];
  readonly version: string | null;
  readonly created_at: string;
  readonly expires_at: string;
  readonly leased: number;
  /** Why its worker takes no processes, or one at a time. */
  readonly resting: string | null;
}

/** Living sessions of processes, newest first. Where no scheduler lives, nobody ends those that are over. */
export async function livingSessions(pool: Pool): Promise<SessionView[]> {
  const result = await pool.query<SessionView>(
    `SELECT s.id, s.host, s.pid, s.roles, s.version, s.created_at, s.expires_at, s.resting,
       (SELECT count(*)::int FROM leases l WHERE l.session_id = s.id) AS leased
     FROM sessions s WHERE s.ended_at IS NULL AND s.expires_at > clock_timestamp() AND s.roles <> '{node}' ORDER BY s.created_at DESC`,
  );
  return result.rows;
}

/**
 * Lets no process begin or go on until the transaction ends, and gives those that live. For who carries the
 * installation away: a session that is renewed meanwhile waits for it.
 */
export async function holdOffProcesses(
  client: ClientBase,
): Promise<Pick<SessionView, "host" | "pid">[]> {
  await client.query("LOCK TABLE sessions IN SHARE ROW EXCLUSIVE MODE");
  const { rows } = await client.query<Pick<SessionView, "host" | "pid">>(
    `SELECT host, pid FROM sessions
     WHERE ended_at IS NULL AND roles <> '{node}' AND expires_at > clock_timestamp() ORDER BY created_at`,
  );
  return rows;
}

/**
 * Ends what is left of processes, for who holds them off: one that was frozen, and counts as gone, finds on its return
 * that its work is not its own any more.
 */
export async function endProcesses(client: ClientBase, reason: string): Promise<void> {
  await client.query(
    `UPDATE sessions SET ended_at = clock_timestamp(), end_reason = $1
     WHERE ended_at IS NULL AND roles <> '{node}'`,
    [reason],
  );
}

/** Says where the API of a session's process listens. */
export async function setSessionUrl(pool: Pool, id: string, url: string): Promise<void> {
  await pool.query("UPDATE sessions SET url = $2 WHERE id = $1", [id, url]);
}

/** A living process, and where its API listens; null without one. */
export interface ProcessView {
  readonly id: string;
  readonly host: string;
  readonly url: string | null;
}

export async function livingProcesses(pool: Pool): Promise<ProcessView[]> {
  const { rows } = await pool.query<ProcessView>({
    name: "living_processes",
    text: "SELECT id, host, url FROM sessions WHERE ended_at IS NULL AND roles <> '{node}'",
  });
  return rows;
}

/** Of these sessions, those that have ended or were never there: none of them comes back. */
export async function endedAmong(pool: Pool, ids: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT a.id FROM unnest($1::uuid[]) AS a(id)
     WHERE NOT EXISTS (SELECT FROM sessions s WHERE s.id = a.id AND s.ended_at IS NULL)`,
    [ids],
  );
  return rows.map((row) => row.id);
}

import type { TrackerKind } from "@yardmaster/protocol";
import type { ClientBase, Pool } from "pg";

/** A token that is sealed here, or where it is kept. */
export type KeptToken =
  | { readonly sealed: string }
  | { readonly env: string }
  | { readonly file: string }
  | { readonly secret: string };

export interface TrackerRow {
  readonly id: string;
  readonly name: string;
  readonly kind: TrackerKind;
  readonly url: string;
  readonly token: KeptToken;
  readonly source: string;
  readonly projects: readonly string[];
  readonly bot: string | null;
  readonly poll_ms: number;
  readonly paused_by: string | null;
  readonly created_at: string;
  readonly created_by: string;
  readonly updated_at: string;
  readonly updated_by: string;
  /** Due then; null while it is paused. */
  readonly poll_at: string | null;
  readonly polled_at: string | null;
}

/** What of a tracker can be said anew. */
export type SaidTracker = Pick<
  TrackerRow,
  "url" | "token" | "source" | "projects" | "bot" | "poll_ms" | "paused_by"
>;

export const TRACKER_COLUMNS = `id, name, kind, url, token, source, projects, bot, poll_ms::float8 AS poll_ms, paused_by,
  created_at, created_by, updated_at, updated_by, poll_at, polled_at`;

/** By name. */
export async function listTrackers(pool: Pool): Promise<TrackerRow[]> {
  const { rows } = await pool.query<TrackerRow>(
    `SELECT ${TRACKER_COLUMNS} FROM trackers ORDER BY name`,
  );
  return rows;
}

export async function findTracker(pool: Pool, name: string): Promise<TrackerRow | undefined> {
  const { rows } = await pool.query<TrackerRow>({
    name: "trackers_find",
    text: `SELECT ${TRACKER_COLUMNS} FROM trackers WHERE name = $1`,
    values: [name],
  });
  return rows[0];
}

export async function findTrackerOfSource(
  pool: Pool,
  source: string,
): Promise<TrackerRow | undefined> {
  const { rows } = await pool.query<TrackerRow>({
    name: "trackers_of_source",
    text: `SELECT ${TRACKER_COLUMNS} FROM trackers WHERE source = $1`,
    values: [source],
  });
  return rows[0];
}

/** Locks the tracker to the end of the transaction, so that two changes of it follow one another. */
export async function lockTracker(
  client: ClientBase,
  name: string,
): Promise<TrackerRow | undefined> {
  const { rows } = await client.query<TrackerRow>(
    `SELECT ${TRACKER_COLUMNS} FROM trackers WHERE name = $1 FOR UPDATE`,
    [name],
  );
  return rows[0];
}

/** False where the name or the source is taken: the unique keys settle who was first. */
export async function insertTracker(
  client: ClientBase,
  {
    id,
    name,
    kind,
    by,
    ...said
  }: Pick<TrackerRow, "id" | "name" | "kind"> & SaidTracker & { readonly by: string },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO trackers (id, name, kind, created_by, updated_by, url, token, source, projects, bot, poll_ms, paused_by, poll_at)
     VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11, CASE WHEN $11::text IS NULL THEN clock_timestamp() END)
     ON CONFLICT DO NOTHING`,
    [id, name, kind, by, ...valuesOf(said)],
  );
  return rowCount === 1;
}

/** Under the lock of `lockTracker`. It is polled anew by what it is now. False where the source is another tracker's. */
export async function updateTracker(
  client: ClientBase,
  id: string,
  said: SaidTracker,
  by: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE trackers SET updated_at = clock_timestamp(), updated_by = $2,
       url = $3, token = $4, source = $5, projects = $6, bot = $7, poll_ms = $8, paused_by = $9,
       poll_at = CASE WHEN $9::text IS NULL THEN clock_timestamp() END, asked_fence = fence
     WHERE id = $1 AND NOT EXISTS (SELECT FROM trackers other WHERE other.source = $5 AND other.id <> $1)`,
    [id, by, ...valuesOf(said)],
  );
  return rowCount === 1;
}

/** Under the lock of `lockTracker`: it is due now, and once more behind a poll that is at it. */
export async function askPoll(client: ClientBase, id: string): Promise<void> {
  await client.query(
    "UPDATE trackers SET poll_at = clock_timestamp(), asked_fence = fence WHERE id = $1",
    [id],
  );
}

/** Under the lock of `lockTracker`: what is known was of another server. */
export async function forgetProjects(client: ClientBase, id: string): Promise<void> {
  for (const table of ["tracker_projects", "tracker_issues", "tracker_finds"])
    await client.query(`DELETE FROM ${table} WHERE tracker_id = $1`, [id]);
}

/** Within the transaction that changes when one is due; schedulers hear it when that commits. */
export async function tellPollers(client: ClientBase): Promise<void> {
  await client.query("NOTIFY yard_trackers");
}

/** Under the lock of `lockTracker`. */
export async function deleteTracker(client: ClientBase, id: string): Promise<void> {
  await client.query("DELETE FROM trackers WHERE id = $1", [id]);
}

function valuesOf({ url, token, source, projects, bot, poll_ms, paused_by }: SaidTracker) {
  return [url, JSON.stringify(token), source, projects, bot, poll_ms, paused_by];
}

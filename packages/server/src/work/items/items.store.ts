import type { WorkStatus } from "@yardmaster/protocol";
import type { ClientBase, Pool } from "pg";
import type { IssueKey, IssueRow, ItemRow, TryRow } from "../work-row.ts";

const TYPES = `id uuid, tracker_id uuid, tracker text, repository text, number integer, status text, ready boolean,
  reason_code text, reason text, priority smallint, attempts integer, tries integer, next_try_at timestamptz, run_id uuid,
  running boolean, stop_run uuid, event_id uuid, retry_of uuid, created_at timestamptz, updated_at timestamptz,
  finished_at timestamptz`;
const NAMES = `id, tracker_id, tracker, repository, number, status, ready, reason_code, reason, priority, attempts, tries,
  next_try_at, run_id, running, stop_run, event_id, retry_of, created_at, updated_at, finished_at`;
const ITEM = NAMES.split(", ")
  .map((name) => `w.${name.trim()}`)
  .join(", ");

/** Under the lock of the place, so none is there of an issue that has one already; the unique index says so again. */
export async function insertItems(client: ClientBase, rows: readonly ItemRow[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO work_items (${NAMES}) SELECT ${NAMES} FROM json_to_recordset($1) AS t (${TYPES})`,
    [JSON.stringify(rows)],
  );
}

/** Under the lock of the place. What has ended stays as it ended, but for the run that is to be stopped. */
export async function updateItems(client: ClientBase, rows: readonly ItemRow[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `UPDATE work_items w SET status = t.status, ready = t.ready, reason_code = t.reason_code, reason = t.reason,
       priority = t.priority, attempts = t.attempts, tries = t.tries, next_try_at = t.next_try_at, run_id = t.run_id,
       running = t.running, stop_run = t.stop_run, tracker = t.tracker, updated_at = t.updated_at, finished_at = t.finished_at
     FROM json_to_recordset($1) AS t (${TYPES})
     WHERE w.id = t.id AND (w.finished_at IS NULL OR w.status = t.status)`,
    [JSON.stringify(rows)],
  );
}

/** Under the lock of the place. */
export async function writeTries(client: ClientBase, rows: readonly TryRow[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO work_tries (item_id, number, run_id, started_at, ended_at, status, message)
     SELECT item_id, number, run_id, started_at, ended_at, status, message FROM json_to_recordset($1)
       AS t (item_id uuid, number integer, run_id uuid, started_at timestamptz, ended_at timestamptz, status text, message text)
     ON CONFLICT (item_id, number) DO UPDATE SET ended_at = excluded.ended_at, status = excluded.status,
       message = excluded.message`,
    [JSON.stringify(rows)],
  );
}

/** The latest item of each issue; one that is at work is always the latest. */
export async function latestItems(pool: Pool, keys: readonly IssueKey[]): Promise<ItemRow[]> {
  if (keys.length === 0) return [];
  const { rows } = await pool.query<ItemRow>({
    name: "work_items_latest",
    text: `SELECT DISTINCT ON (w.tracker_id, w.repository, w.number) ${ITEM}
           FROM work_items w JOIN json_to_recordset($1) AS k (tracker_id uuid, repository text, number integer)
             USING (tracker_id, repository, number)
           ORDER BY w.tracker_id, w.repository, w.number, w.id DESC`,
    values: [
      JSON.stringify(
        keys.map(({ tracker_id, repository, number }) => ({ tracker_id, repository, number })),
      ),
    ],
  });
  return rows;
}

/** The latest item of every issue of a tracker that is not over, or whose issue is open. */
export async function itemsOfTracker(pool: Pool, trackerId: string): Promise<ItemRow[]> {
  const { rows } = await pool.query<ItemRow>({
    name: "work_items_of_tracker",
    text: `SELECT DISTINCT ON (w.repository, w.number) ${ITEM}
           FROM work_items w JOIN work_issues i USING (tracker_id, repository, number)
           WHERE w.tracker_id = $1 AND (w.finished_at IS NULL OR i.state IN ('open', 'unreadable'))
           ORDER BY w.repository, w.number, w.id DESC`,
    values: [trackerId],
  });
  return rows;
}

/** Items at which these runs are. */
export async function itemsOfRuns(pool: Pool, runIds: readonly string[]): Promise<ItemRow[]> {
  if (runIds.length === 0) return [];
  const { rows } = await pool.query<ItemRow>({
    name: "work_items_of_runs",
    text: `SELECT ${ITEM} FROM work_items w WHERE w.running AND w.run_id = ANY ($1::uuid[])`,
    values: [runIds],
  });
  return rows;
}

/** All at which a run is, in every tracker. */
export async function runningItems(pool: Pool): Promise<ItemRow[]> {
  const { rows } = await pool.query<ItemRow>(`SELECT ${ITEM} FROM work_items w WHERE w.running`);
  return rows;
}

export async function itemsToStop(pool: Pool): Promise<ItemRow[]> {
  const { rows } = await pool.query<ItemRow>({
    name: "work_items_to_stop",
    text: `SELECT ${ITEM} FROM work_items w WHERE w.stop_run IS NOT NULL LIMIT 100`,
  });
  return rows;
}

/** An item with its issue, for who looks at it. */
export type SeenItem = ItemRow &
  Pick<
    IssueRow,
    "project" | "title" | "body" | "url" | "author" | "state" | "assigned" | "metadata"
  >;

const SEEN = `${ITEM}, i.project, i.title, i.body, i.url, i.author, i.state, i.assigned, i.metadata`;

export async function findItem(pool: Pool, id: string): Promise<SeenItem | undefined> {
  const { rows } = await pool.query<SeenItem>({
    name: "work_items_find",
    text: `SELECT ${SEEN} FROM work_items w JOIN work_issues i USING (tracker_id, repository, number) WHERE w.id = $1`,
    values: [id],
  });
  return rows[0];
}

export interface ItemFilter {
  readonly status?: WorkStatus | undefined;
  readonly ready?: boolean | undefined;
  readonly tracker?: string | undefined;
  readonly project?: string | undefined;
  readonly number?: number | undefined;
  /** The last of the page before. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Newest first; ids are in the order in which items were made. */
export async function listItems(pool: Pool, filter: ItemFilter): Promise<SeenItem[]> {
  const { rows } = await pool.query<SeenItem>(
    `SELECT ${SEEN.replace("i.body", "NULL AS body")}
     FROM work_items w JOIN work_issues i USING (tracker_id, repository, number)
     WHERE ($1::text IS NULL OR w.status = $1) AND ($2::boolean IS NULL OR w.ready = $2)
       AND ($3::text IS NULL OR w.tracker = $3) AND ($4::text IS NULL OR lower(i.project) = lower($4))
       AND ($5::integer IS NULL OR w.number = $5) AND ($6::uuid IS NULL OR w.id < $6)
     ORDER BY w.id DESC LIMIT $7`,
    [
      ...[filter.status, filter.ready, filter.tracker, filter.project, filter.number],
      ...[filter.before, filter.limit],
    ],
  );
  return rows;
}

/** In their order. */
export async function triesOf(pool: Pool, itemId: string): Promise<TryRow[]> {
  const { rows } = await pool.query<TryRow>(
    "SELECT * FROM work_tries WHERE item_id = $1 ORDER BY number",
    [itemId],
  );
  return rows;
}

/** How many there are of each status, for the metrics. */
export async function countItems(
  pool: Pool,
): Promise<
  readonly { readonly status: WorkStatus; readonly ready: boolean; readonly count: number }[]
> {
  const { rows } = await pool.query<{ status: WorkStatus; ready: boolean; count: number }>(
    "SELECT status, ready, count(*)::int AS count FROM work_items WHERE finished_at IS NULL GROUP BY status, ready",
  );
  return rows;
}

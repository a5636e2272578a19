import type { ClientBase, Pool } from "pg";
import type { IssueKey, IssueRow } from "../work-row.ts";

const TYPES = `tracker_id uuid, repository text, number integer, project text, title text, body text, url text,
  author text, state text, assigned boolean, metadata json, changed_at timestamptz, heard_at timestamptz,
  check_at timestamptz, asked_at timestamptz, ask_problem text`;
const NAMES = `tracker_id, repository, number, project, title, body, url, author, state, assigned, metadata, changed_at,
  heard_at, check_at, asked_at, ask_problem`;

/** Under the lock of the place. A repository that has another name by now has it in all its issues. */
export async function upsertIssues(client: ClientBase, rows: readonly IssueRow[]): Promise<void> {
  if (rows.length === 0) return;
  const given = JSON.stringify(rows);
  await client.query(
    `INSERT INTO work_issues (${NAMES}) SELECT ${NAMES} FROM json_to_recordset($1) AS t (${TYPES})
     ON CONFLICT (tracker_id, repository, number) DO UPDATE SET project = excluded.project, title = excluded.title,
       body = excluded.body, url = excluded.url, author = excluded.author, state = excluded.state,
       assigned = excluded.assigned, metadata = excluded.metadata, changed_at = excluded.changed_at,
       heard_at = excluded.heard_at, check_at = excluded.check_at, asked_at = excluded.asked_at,
       ask_problem = excluded.ask_problem`,
    [given],
  );
  await client.query(
    `UPDATE work_issues i SET project = t.project
     FROM (SELECT DISTINCT ON (tracker_id, repository) * FROM json_to_recordset($1) AS t (${TYPES})
           ORDER BY tracker_id, repository, heard_at DESC) t
     WHERE i.tracker_id = t.tracker_id AND i.repository = t.repository AND i.project <> t.project`,
    [given],
  );
}

export async function findIssues(pool: Pool, keys: readonly IssueKey[]): Promise<IssueRow[]> {
  if (keys.length === 0) return [];
  const { rows } = await pool.query<IssueRow>({
    name: "work_issues_find",
    text: `SELECT i.* FROM work_issues i JOIN json_to_recordset($1) AS k (tracker_id uuid, repository text, number integer)
             USING (tracker_id, repository, number)`,
    values: [
      JSON.stringify(
        keys.map(({ tracker_id, repository, number }) => ({ tracker_id, repository, number })),
      ),
    ],
  });
  return rows;
}

/** What matters of an issue to those that wait for it. */
export type EdgeRow = Pick<
  IssueRow,
  | "repository"
  | "number"
  | "project"
  | "state"
  | "metadata"
  | "check_at"
  | "asked_at"
  | "ask_problem"
>;

const EDGE = "repository, number, project, state, metadata, check_at, asked_at, ask_problem";

/** All of a tracker that may hold another: those that are open, and those that some open one refers to. */
export async function readEdges(pool: Pool, trackerId: string): Promise<EdgeRow[]> {
  const { rows } = await pool.query<EdgeRow>({
    name: "work_issues_edges",
    text: `WITH standing AS MATERIALIZED (
             SELECT ${EDGE} FROM work_issues
             WHERE tracker_id = $1 AND state IN ('open', 'unreadable')
           ), referred AS (
             SELECT DISTINCT (regexp_match(r.value, '[0-9]+$'))[1]::bigint AS number
             FROM standing, json_array_elements_text(metadata -> 'blocked_by') AS r (value)
             WHERE r.value ~ '[0-9]{1,9}$'
           )
           SELECT * FROM standing
           UNION ALL
           SELECT ${EDGE} FROM work_issues
           WHERE tracker_id = $1 AND state NOT IN ('open', 'unreadable') AND number IN (SELECT number FROM referred)`,
    values: [trackerId],
  });
  return rows;
}

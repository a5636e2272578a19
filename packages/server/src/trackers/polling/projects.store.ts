import type { ClientBase, Pool } from "pg";
import type { KnownIssue } from "../hearing/change.ts";
import type { Fenced } from "./polls.store.ts";

export interface ProjectRow {
  readonly project: string;
  readonly repositoryId: number | null;
  readonly fullName: string | null;
  /** Unix milliseconds, as the watermark is; null before the project was read for the first time. */
  readonly baselineMs: number | null;
  readonly watermarkMs: number | null;
  readonly etag: string | null;
}

export async function readProject(
  pool: Pool,
  trackerId: string,
  project: string,
): Promise<ProjectRow | undefined> {
  const { rows } = await pool.query<ProjectRow>({
    name: "tracker_projects_read",
    text: `SELECT project, repository_id::float8 AS "repositoryId", full_name AS "fullName", etag,
             (extract(epoch FROM baseline_at) * 1000)::float8 AS "baselineMs",
             (extract(epoch FROM watermark) * 1000)::float8 AS "watermarkMs"
           FROM tracker_projects WHERE tracker_id = $1 AND project = $2`,
    values: [trackerId, project],
  });
  return rows[0];
}

export async function readKnown(
  pool: Pool,
  { trackerId, repositoryId }: { readonly trackerId: string; readonly repositoryId: number },
  numbers: readonly number[],
): Promise<ReadonlyMap<number, KnownIssue>> {
  const { rows } = await pool.query<{ number: number; known: KnownIssue }>({
    name: "tracker_issues_read",
    text: `SELECT number::float8 AS number, known FROM tracker_issues
           WHERE tracker_id = $1 AND repository_id = $2 AND number = ANY ($3::bigint[])`,
    values: [trackerId, repositoryId, numbers],
  });
  return new Map(rows.map(({ number, known }) => [number, known]));
}

/** What a project was when all up to its watermark was accounted for. */
export interface Accounted extends Omit<ProjectRow, "baselineMs" | "repositoryId"> {
  readonly repositoryId: number;
  readonly baselineMs: number;
  readonly issues: ReadonlyMap<number, KnownIssue>;
  /** Counted since the last time. */
  readonly heard: number;
  readonly malformed: number;
  /** Another repository has this name now: what is known of the one before is of no use. */
  readonly isAnew: boolean;
}

/** The row of the tracker to the end of the transaction; false where another poll has it. */
async function holds(client: ClientBase, { id, fence }: Fenced): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT FROM trackers WHERE id = $1 AND fence = $2 FOR SHARE",
    [id, fence],
  );
  return rowCount === 1;
}

/** In one transaction, so that the watermark never stands behind issues that are not known. False: nothing is written. */
export async function writeAccounted(
  client: ClientBase,
  of: Fenced,
  { issues, ...said }: Accounted,
): Promise<boolean> {
  if (!(await holds(client, of))) return false;
  if (said.isAnew)
    await client.query("DELETE FROM tracker_issues WHERE tracker_id = $1 AND repository_id = $2", [
      ...[of.id, said.repositoryId],
    ]);
  await client.query(
    `INSERT INTO tracker_issues (tracker_id, repository_id, number, known)
     SELECT $1, $2, number, known FROM unnest($3::bigint[], $4::json[]) AS i (number, known)
     ON CONFLICT (tracker_id, repository_id, number) DO UPDATE SET known = excluded.known`,
    [
      ...[of.id, said.repositoryId, [...issues.keys()]],
      [...issues.values()].map((known) => JSON.stringify(known)),
    ],
  );
  await client.query(
    `INSERT INTO tracker_projects AS p (tracker_id, project, repository_id, full_name, baseline_at, watermark, etag,
       polled_at, problem, heard, malformed)
     VALUES ($1, $2, $3, $4, to_timestamp($5::float8 / 1000), to_timestamp($6::float8 / 1000), $7,
       clock_timestamp(), NULL, $8, $9)
     ON CONFLICT (tracker_id, project) DO UPDATE SET repository_id = excluded.repository_id,
       full_name = excluded.full_name, baseline_at = excluded.baseline_at, watermark = excluded.watermark,
       etag = excluded.etag, polled_at = excluded.polled_at, problem = NULL,
       heard = p.heard + excluded.heard, malformed = p.malformed + excluded.malformed`,
    [
      ...[of.id, said.project, said.repositoryId, said.fullName],
      ...[said.baselineMs, said.watermarkMs, said.etag, said.heard, said.malformed],
    ],
  );
  return true;
}

/** It could not be read: all that is known of it stays. */
export async function writeProblem(
  client: ClientBase,
  of: Fenced,
  { project, problem }: { readonly project: string; readonly problem: string },
): Promise<boolean> {
  if (!(await holds(client, of))) return false;
  await client.query(
    `INSERT INTO tracker_projects (tracker_id, project, problem) VALUES ($1, $2, $3)
     ON CONFLICT (tracker_id, project) DO UPDATE SET problem = excluded.problem`,
    [of.id, project, problem],
  );
  return true;
}

/** What is to be seen of the polls of some trackers. */
export interface PolledProject {
  readonly tracker_id: string;
  readonly project: string;
  readonly since: string | null;
  readonly polled_at: string | null;
  readonly problem: string | null;
  readonly heard: number;
  readonly malformed: number;
  readonly lost: number;
  readonly delayed: number;
  readonly last_found_at: string | null;
}

/** With what was found in the time for which finds are kept. Locks nothing. */
export async function listProjects(
  pool: Pool,
  trackerIds: readonly string[],
): Promise<PolledProject[]> {
  const { rows } = await pool.query<PolledProject>(
    `SELECT p.tracker_id, p.project, p.baseline_at AS since, p.polled_at, p.problem,
       p.heard::float8 AS heard, p.malformed::float8 AS malformed,
       count(f.change) FILTER (WHERE f.delivered_at IS NULL)::int AS lost,
       count(f.delivered_at)::int AS delayed, max(f.found_at) AS last_found_at
     FROM tracker_projects p
     LEFT JOIN tracker_finds f ON f.tracker_id = p.tracker_id AND f.repository_id = p.repository_id
     WHERE p.tracker_id = ANY ($1::uuid[]) GROUP BY p.tracker_id, p.project`,
    [trackerIds],
  );
  return rows;
}

import type { Problem } from "@yardmaster/kernel";
import type { ClientBase, Pool } from "pg";
import type { PackFile } from "./digest.ts";

export interface PackRow {
  readonly digest: string;
  readonly name: string;
  readonly version: string;
  readonly description: string | null;
  readonly files: readonly PackFile[];
  readonly claims: Claims;
}

/** Names that only one active pack may define. */
export interface Claims {
  readonly queues: readonly string[];
  readonly sources: readonly string[];
}

export interface ActiveRow {
  readonly name: string;
  readonly digest: string;
  readonly folder: string;
  readonly claims: Claims;
  readonly activated_at: string;
}

export interface ProblemRow {
  readonly folder: string;
  readonly pack: string | null;
  readonly problems: readonly Problem[];
  readonly found_at: string;
}

/** Of these contents, the ones that are not stored yet. */
export async function missingBlobs(pool: Pool, hashes: readonly string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ sha256: string }>(
    "SELECT sha256 FROM pack_blobs WHERE sha256 = ANY ($1)",
    [hashes],
  );
  const stored = new Set(rows.map((row) => row.sha256));
  return new Set(hashes.filter((hash) => !stored.has(hash)));
}

/** Idempotent. Rows are sorted by key, so that two processes that store the same pack do not deadlock. */
export async function insertBlobs(
  pool: Pool,
  blobs: readonly (readonly [string, Buffer])[],
): Promise<void> {
  const sorted = blobs.toSorted(([a], [b]) => (a < b ? -1 : 1));
  await pool.query(
    `INSERT INTO pack_blobs (sha256, content) SELECT * FROM unnest($1::text[], $2::bytea[])
     ON CONFLICT DO NOTHING`,
    [sorted.map(([hash]) => hash), sorted.map(([, content]) => content)],
  );
}

export async function readBlobs(
  pool: Pool,
  hashes: readonly string[],
): Promise<Map<string, Buffer>> {
  const { rows } = await pool.query<{ sha256: string; content: Buffer }>(
    "SELECT sha256, content FROM pack_blobs WHERE sha256 = ANY ($1)",
    [hashes],
  );
  return new Map(rows.map((row) => [row.sha256, row.content]));
}

/** Idempotent: what a digest stands for never changes. */
export async function insertPack(pool: Pool, pack: PackRow): Promise<void> {
  await pool.query(
    `INSERT INTO packs (digest, name, version, description, files, claims)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    [
      pack.digest,
      pack.name,
      pack.version,
      pack.description,
      JSON.stringify(pack.files),
      JSON.stringify(pack.claims),
    ],
  );
}

export async function readPack(pool: Pool, digest: string): Promise<PackRow | undefined> {
  const { rows } = await pool.query<PackRow>(
    "SELECT digest, name, version, description, files, claims FROM packs WHERE digest = $1",
    [digest],
  );
  return rows[0];
}

/** Locks the row of the revision: activations go one after another, and readers of it wait for none. */
export async function lockRevision(client: ClientBase): Promise<void> {
  await client.query("SELECT revision FROM definition_revision FOR NO KEY UPDATE");
}

/** Under the lock: grows the revision and tells the other processes when it commits. */
export async function growRevision(client: ClientBase): Promise<void> {
  await client.query("UPDATE definition_revision SET revision = revision + 1");
  await client.query("NOTIFY yard_packs");
}

const ACTIVE = `SELECT active.name, active.digest, active.folder, active.activated_at, packs.claims
  FROM active_packs AS active JOIN packs USING (digest) ORDER BY active.name`;

export async function readActive(client: ClientBase): Promise<ActiveRow[]> {
  const { rows } = await client.query<ActiveRow>(ACTIVE);
  return rows;
}

export interface ActiveSet {
  readonly revision: number;
  readonly rows: readonly ActiveRow[];
}

export async function readRevision(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ revision: number }>(
    "SELECT revision FROM definition_revision",
  );
  return rows[0]?.revision ?? 0;
}

/** The revision and what is active by it, of one moment: one statement has one snapshot. */
export async function readActiveSet(pool: Pool): Promise<ActiveSet> {
  const { rows } = await pool.query<{ revision: number; active: ActiveRow[] | null }>(
    `SELECT revision, (SELECT json_agg(active) FROM (${ACTIVE}) AS active) AS active
     FROM definition_revision`,
  );
  return { revision: rows[0]?.revision ?? 0, rows: rows[0]?.active ?? [] };
}

/** The queues of all active packs, as of now. */
export async function readDeclaredQueues(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT queue.name FROM active_packs JOIN packs USING (digest),
       LATERAL json_array_elements_text(packs.claims -> 'queues') AS queue (name)`,
  );
  return rows.map(({ name }) => name);
}

/** The digests of all stored packs that declare the queue, active or not. */
export async function readPacksWithQueue(pool: Pool, queue: string): Promise<string[]> {
  const { rows } = await pool.query<{ digest: string }>(
    `SELECT digest FROM packs
     WHERE EXISTS (SELECT FROM json_array_elements_text(claims -> 'queues') AS queue (name) WHERE queue.name = $1)`,
    [queue],
  );
  return rows.map(({ digest }) => digest);
}

export async function activate(
  client: ClientBase,
  row: { readonly name: string; readonly digest: string; readonly folder: string },
): Promise<void> {
  await client.query(
    `INSERT INTO active_packs (name, digest, folder) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET digest = $2, folder = $3, activated_at = now()`,
    [row.name, row.digest, row.folder],
  );
}

export async function deactivate(client: ClientBase, names: readonly string[]): Promise<void> {
  await client.query("DELETE FROM active_packs WHERE name = ANY ($1)", [names]);
}

/** What is wrong now takes the place of what was; a problem that stays keeps the time it was found. */
export async function replaceProblems(
  client: ClientBase,
  rows: readonly Omit<ProblemRow, "found_at">[],
): Promise<void> {
  await client.query("DELETE FROM pack_problems WHERE NOT folder = ANY ($1)", [
    rows.map((row) => row.folder),
  ]);
  for (const { folder, pack, problems } of rows) {
    await client.query(
      `INSERT INTO pack_problems (folder, pack, problems) VALUES ($1, $2, $3)
       ON CONFLICT (folder) DO UPDATE SET pack = $2, problems = $3, found_at = now()
       WHERE pack_problems.problems::text <> $3::text`,
      [folder, pack, JSON.stringify(problems)],
    );
  }
}

export async function readProblems(pool: Pool): Promise<ProblemRow[]> {
  const { rows } = await pool.query<ProblemRow>(
    "SELECT folder, pack, problems, found_at FROM pack_problems ORDER BY folder",
  );
  return rows;
}

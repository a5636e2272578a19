import type { ClientBase, Pool } from "pg";

export interface SecretRow {
  readonly name: string;
  readonly sealed: string;
  readonly description: string | null;
  readonly packs: readonly string[] | null;
  readonly revision: number;
  readonly created_at: string;
  readonly created_by: string;
  readonly updated_at: string;
  readonly updated_by: string;
}

/** What is said of a secret beside its value; what is undefined stays as it is. */
export interface Said {
  readonly description: string | null | undefined;
  readonly packs: readonly string[] | null | undefined;
}

const COLUMNS =
  "name, sealed, description, packs, revision, created_at, created_by, updated_at, updated_by";

/** By name. */
export async function listSecrets(pool: Pool): Promise<SecretRow[]> {
  const { rows } = await pool.query<SecretRow>(`SELECT ${COLUMNS} FROM secrets ORDER BY name`);
  return rows;
}

export async function findSecret(pool: Pool, name: string): Promise<SecretRow | undefined> {
  const { rows } = await pool.query<SecretRow>(`SELECT ${COLUMNS} FROM secrets WHERE name = $1`, [
    name,
  ]);
  return rows[0];
}

/** Those of these that are set, as one statement sees them: for an attempt that begins. */
export async function readSealed(
  pool: Pool,
  names: readonly string[],
): Promise<Pick<SecretRow, "name" | "sealed" | "packs">[]> {
  const { rows } = await pool.query<Pick<SecretRow, "name" | "sealed" | "packs">>({
    name: "secrets_read",
    text: "SELECT name, sealed, packs FROM secrets WHERE name = ANY($1::text[])",
    values: [names],
  });
  return rows;
}

/**
 * Sets a value. Locks the one row: of two that set it at once the second waits, and its value is the newer one. A row
 * that was never updated has no `xmax`: so the statement itself knows whether it made it.
 */
export async function putSecret(
  client: ClientBase,
  secret: { readonly name: string; readonly sealed: string; readonly by: string },
  { description, packs }: Said,
): Promise<SecretRow & { readonly created: boolean }> {
  const { rows } = await client.query<SecretRow & { created: boolean }>(
    `INSERT INTO secrets AS s (name, sealed, created_by, updated_by, description, packs)
     VALUES ($1, $2, $3, $3, $4, $6)
     ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, revision = s.revision + 1,
       description = CASE WHEN $5 THEN excluded.description ELSE s.description END,
       packs = CASE WHEN $7 THEN excluded.packs ELSE s.packs END,
       updated_at = clock_timestamp(), updated_by = excluded.updated_by
     RETURNING ${COLUMNS}, xmax = 0 AS created`,
    [
      ...[secret.name, secret.sealed, secret.by],
      ...[description ?? null, description !== undefined],
      ...[packs ?? null, packs !== undefined],
    ],
  );
  return rows[0] as SecretRow & { created: boolean };
}

/** Undefined where there is none. Locks the one row; its value stays. */
export async function changeSecret(
  client: ClientBase,
  name: string,
  { description, packs }: Said,
  by: string,
): Promise<SecretRow | undefined> {
  const { rows } = await client.query<SecretRow>(
    `UPDATE secrets SET updated_at = clock_timestamp(), updated_by = $2,
       description = CASE WHEN $4 THEN $3 ELSE description END,
       packs = CASE WHEN $6 THEN $5::text[] ELSE packs END
     WHERE name = $1 RETURNING ${COLUMNS}`,
    [
      ...[name, by],
      ...[description ?? null, description !== undefined],
      ...[packs ?? null, packs !== undefined],
    ],
  );
  return rows[0];
}

/** False where there is none. */
export async function deleteSecret(client: ClientBase, name: string): Promise<boolean> {
  const { rowCount } = await client.query("DELETE FROM secrets WHERE name = $1", [name]);
  return rowCount === 1;
}

import type { ClientBase, Pool } from "pg";

export interface SourceRow {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly created_at: string;
  /** The current one first. */
  readonly secrets: readonly SecretRow[];
}

export interface SecretRow {
  readonly id: string;
  readonly sealed: string;
  readonly retires_at: string | null;
}

export async function readSources(pool: Pool): Promise<SourceRow[]> {
  const result = await pool.query<SourceRow>(
    `SELECT s.id, s.name, s.kind, s.created_at, coalesce(
       json_agg(json_build_object('id', x.id, 'sealed', x.sealed, 'retires_at', x.retires_at)
                ORDER BY x.retires_at DESC NULLS FIRST) FILTER (WHERE x.id IS NOT NULL), '[]') AS secrets
     FROM sources s LEFT JOIN source_secrets x ON x.source_id = s.id
     GROUP BY s.id ORDER BY s.name`,
  );
  return result.rows;
}

/** False when the name is taken. */
export async function insertSource(
  client: ClientBase,
  source: {
    readonly id: string;
    readonly name: string;
    readonly kind: string;
    readonly by: string;
  },
): Promise<boolean> {
  const result = await client.query(
    "INSERT INTO sources (id, name, kind, created_by) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING",
    [source.id, source.name, source.kind, source.by],
  );
  return result.rowCount === 1;
}

/** Id of the source, locked until the transaction ends, so that two rotations follow one another. */
export async function lockSource(client: ClientBase, name: string): Promise<string | undefined> {
  const result = await client.query<{ id: string }>(
    "SELECT id FROM sources WHERE name = $1 FOR UPDATE",
    [name],
  );
  return result.rows[0]?.id;
}

/** Makes the secret the current one. The one before retires in `graceMs`, what was retiring already ends now. */
export async function putSecret(
  client: ClientBase,
  sourceId: string,
  secret: { readonly id: string; readonly sealed: string },
  graceMs: number,
): Promise<void> {
  await client.query("DELETE FROM source_secrets WHERE source_id = $1 AND retires_at IS NOT NULL", [
    sourceId,
  ]);
  await client.query(
    "UPDATE source_secrets SET retires_at = now() + $2 * interval '1 millisecond' WHERE source_id = $1",
    [sourceId, graceMs],
  );
  await client.query("INSERT INTO source_secrets (id, source_id, sealed) VALUES ($1, $2, $3)", [
    secret.id,
    sourceId,
    secret.sealed,
  ]);
}

/** Deliveries and events of a source stay; the count of what it refused does not. */
export async function deleteSource(client: ClientBase, name: string): Promise<boolean> {
  await client.query("DELETE FROM source_refusals WHERE source = $1", [name]);
  const result = await client.query("DELETE FROM sources WHERE name = $1", [name]);
  return (result.rowCount ?? 0) > 0;
}

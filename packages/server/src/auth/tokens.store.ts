import type { Scope, Token } from "@yardmaster/protocol";
import type { Pool } from "pg";

export interface NewToken {
  readonly id: string;
  readonly name: string;
  /** Hex. */
  readonly hash: string;
  readonly scopes: readonly Scope[];
  readonly createdBy: string;
}

export interface LiveToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** The token with this hash, unless it was revoked. */
export async function findLiveToken(pool: Pool, hash: string): Promise<LiveToken | undefined> {
  const { rows } = await pool.query<LiveToken>({
    name: "find_live_token",
    text: `SELECT id, name, scopes FROM tokens WHERE hash = decode($1, 'hex') AND revoked_at IS NULL`,
    values: [hash],
  });
  return rows[0];
}

/** Inserts a token; undefined where a live one has the name (or any has the hash). */
export async function insertToken(pool: Pool, token: NewToken): Promise<Token | undefined> {
  const { rows } = await pool.query<Token>(
    `INSERT INTO tokens (id, name, hash, scopes, created_by)
     VALUES ($1, $2, decode($3, 'hex'), $4, $5)
     ON CONFLICT DO NOTHING
     RETURNING id, name, scopes, created_by, created_at`,
    [token.id, token.name, token.hash, token.scopes, token.createdBy],
  );
  return rows[0];
}

/**
 * Makes a token the only live one of its name: another that had the name is revoked, then this one is inserted or,
 * where its hash is known, made live again. A crash between leaves neither; the next start repeats it.
 */
export async function replaceToken(pool: Pool, token: NewToken): Promise<void> {
  await pool.query(
    `UPDATE tokens SET revoked_at = now()
     WHERE name = $1 AND revoked_at IS NULL AND hash <> decode($2, 'hex')`,
    [token.name, token.hash],
  );
  await pool.query(
    `INSERT INTO tokens (id, name, hash, scopes, created_by)
     VALUES ($1, $2, decode($3, 'hex'), $4, $5)
     ON CONFLICT (hash) DO UPDATE SET name = excluded.name, scopes = excluded.scopes, revoked_at = NULL`,
    [token.id, token.name, token.hash, token.scopes, token.createdBy],
  );
}

export async function listTokens(
  pool: Pool,
  page: { readonly limit: number; readonly before: string | undefined },
): Promise<Token[]> {
  const { rows } = await pool.query<Token>(
    `SELECT id, name, scopes, created_by, created_at FROM tokens
     WHERE revoked_at IS NULL AND ($1::uuid IS NULL OR id < $1)
     ORDER BY id DESC LIMIT $2`,
    [page.before ?? null, page.limit],
  );
  return rows;
}

/** Revokes a live token; gives its hash in hex, or undefined where there is none. */
export async function revokeToken(pool: Pool, id: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ hash: string }>(
    `UPDATE tokens SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL
     RETURNING encode(hash, 'hex') AS hash`,
    [id],
  );
  return rows[0]?.hash;
}

/** What is known of a hash, revoked ones included; and whether any live token may do all. */
export async function adminState(
  pool: Pool,
  hash: string | undefined,
): Promise<{ readonly known: boolean; readonly hasAdmin: boolean }> {
  const { rows } = await pool.query<{ known: boolean; hasAdmin: boolean }>(
    `SELECT EXISTS (SELECT FROM tokens WHERE hash = decode($1, 'hex')) AS known,
            EXISTS (SELECT FROM tokens WHERE 'admin' = ANY (scopes) AND revoked_at IS NULL) AS "hasAdmin"`,
    [hash ?? ""],
  );
  return rows[0] ?? { known: false, hasAdmin: false };
}

import type { Scope, Token } from "@yardmaster/protocol";
import type { ClientBase, Pool } from "pg";

/** Tells every process that a token was revoked; the payload is its hash in hex, which opens nothing. */
export const REVOKED_CHANNEL = "yard_tokens";

export interface NewToken {
  readonly id: string;
  readonly name: string;
  /** Hex. */
  readonly hash: string;
  readonly scopes: readonly Scope[];
  readonly createdBy: string;
  /** Null: valid until it is revoked. */
  readonly lifeMs: number | null;
}

export interface LiveToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Until it expires; null where it does not. */
  readonly leftMs: number | null;
  /** Its last use was noted a minute ago or more. */
  readonly isUseOld: boolean;
}

const COLUMNS = "id, name, scopes, created_by, created_at, expires_at, last_used_at";

/** The token with this hash, unless it was revoked or has expired. */
export async function findLiveToken(pool: Pool, hash: string): Promise<LiveToken | undefined> {
  const { rows } = await pool.query<LiveToken>({
    name: "find_live_token",
    text: `SELECT id, name, scopes,
             (extract(epoch FROM expires_at - clock_timestamp()) * 1000)::float8 AS "leftMs",
             coalesce(last_used_at < clock_timestamp() - interval '1 minute', true) AS "isUseOld"
           FROM tokens
           WHERE hash = decode($1, 'hex') AND revoked_at IS NULL
             AND (expires_at IS NULL OR expires_at > clock_timestamp())`,
    values: [hash],
  });
  return rows[0];
}

/** Locks the one row for a moment; of processes that note a use at once, all but the first find it new. */
export async function noteTokenUse(pool: Pool, id: string): Promise<void> {
  await pool.query({
    name: "note_token_use",
    text: `UPDATE tokens SET last_used_at = clock_timestamp()
           WHERE id = $1 AND coalesce(last_used_at < clock_timestamp() - interval '1 minute', true)`,
    values: [id],
  });
}

/**
 * Inserts a token; undefined where a live one has the name (or any has the hash). One that has expired gives its name
 * up first. Run in a transaction: the unique index on live names settles races.
 */
export async function insertToken(client: ClientBase, token: NewToken): Promise<Token | undefined> {
  await client.query(
    `UPDATE tokens SET revoked_at = expires_at
     WHERE name = $1 AND revoked_at IS NULL AND expires_at <= clock_timestamp()`,
    [token.name],
  );
  const { rows } = await client.query<Token>(
    `INSERT INTO tokens (id, name, hash, scopes, created_by, expires_at)
     VALUES ($1, $2, decode($3, 'hex'), $4, $5, clock_timestamp() + $6 * interval '1 millisecond')
     ON CONFLICT DO NOTHING
     RETURNING ${COLUMNS}`,
    [token.id, token.name, token.hash, token.scopes, token.createdBy, token.lifeMs],
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
     ON CONFLICT (hash) DO UPDATE
     SET name = excluded.name, scopes = excluded.scopes, revoked_at = NULL, expires_at = NULL`,
    [token.id, token.name, token.hash, token.scopes, token.createdBy],
  );
}

export async function listTokens(
  pool: Pool,
  page: { readonly limit: number; readonly before: string | undefined },
): Promise<Token[]> {
  const { rows } = await pool.query<Token>(
    `SELECT ${COLUMNS} FROM tokens
     WHERE revoked_at IS NULL AND ($1::uuid IS NULL OR id < $1)
     ORDER BY id DESC LIMIT $2`,
    [page.before ?? null, page.limit],
  );
  return rows;
}

/**
 * Revokes a live token and tells all processes with the commit; gives its hash in hex, or undefined where there is
 * none. One statement: whoever hears of it finds it revoked.
 */
export async function revokeToken(pool: Pool, id: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ hash: string }>(
    `WITH revoked AS (
       UPDATE tokens SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL
       RETURNING encode(hash, 'hex') AS hash
     ) SELECT hash, pg_notify('${REVOKED_CHANNEL}', hash) FROM revoked`,
    [id],
  );
  return rows[0]?.hash;
}

export interface AdminState {
  /** The hash is that of a token, also of one that was revoked. */
  readonly known: boolean;
  /** It may do all. */
  readonly isLive: boolean;
  /** Any token may. */
  readonly hasAdmin: boolean;
}

/** What is known of a hash, and whether there is a way in at all. */
export async function adminState(pool: Pool, hash: string | undefined): Promise<AdminState> {
  const { rows } = await pool.query<AdminState>(
    `WITH admins AS (
       SELECT hash FROM tokens WHERE 'admin' = ANY (scopes) AND revoked_at IS NULL
         AND (expires_at IS NULL OR expires_at > clock_timestamp())
     ) SELECT EXISTS (SELECT FROM tokens WHERE hash = decode($1, 'hex')) AS known,
              EXISTS (SELECT FROM admins WHERE hash = decode($1, 'hex')) AS "isLive",
              EXISTS (SELECT FROM admins) AS "hasAdmin"`,
    [hash ?? ""],
  );
  return rows[0] ?? { known: false, isLive: false, hasAdmin: false };
}

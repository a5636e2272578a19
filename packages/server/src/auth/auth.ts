import {
  AppError,
  type CreatedToken,
  type CreateToken,
  type NewId,
  parseDuration,
  type Token,
} from "@yardmaster/protocol";
import type { Database } from "../db/index.ts";
import type { Authenticate } from "../http/index.ts";
import {
  createTokenCache,
  type FoundToken,
  TOKEN_CACHE,
  type TokenCacheOptions,
} from "./token-cache.ts";
import { bearerToken, newTokenText, tokenHash } from "./token-text.ts";
import {
  findLiveToken,
  insertToken,
  listTokens,
  noteTokenUse,
  REVOKED_CHANNEL,
  revokeToken,
} from "./tokens.store.ts";

export interface AuthDeps {
  readonly database: Pick<Database, "pool" | "withTransaction" | "listen">;
  readonly newId: NewId;
  readonly random: (bytes: number) => Buffer;
}

export interface Auth {
  readonly authenticate: Authenticate;
  /** Throws AppError conflict where a live token has the name. */
  create(request: CreateToken, by: string): Promise<CreatedToken>;
  /** Tokens that were not revoked, newest first; `before` is the last id of the page before. */
  list(page: { readonly limit: number; readonly before: string | undefined }): Promise<Token[]>;
  /**
   * Ends a token: here at once, in other processes as soon as PostgreSQL has told them; within two seconds where that
   * notice is lost. Throws AppError not_found.
   */
  revoke(id: string): Promise<void>;
  close(): Promise<void>;
}

/** Resolves when revocations by other processes are heard. */
export async function createAuth(
  deps: AuthDeps,
  cacheOptions: TokenCacheOptions = TOKEN_CACHE,
): Promise<Auth> {
  const { database } = deps;
  const { pool } = database;
  const cache = createTokenCache(find, cacheOptions);
  const hearing = await database.listen(REVOKED_CHANNEL, cache.forget, {
    onReconnect: cache.clear,
  });

  async function find(hash: string): Promise<FoundToken | undefined> {
    const found = await findLiveToken(pool, hash);
    if (found === undefined) return undefined;
    const { id, name, scopes, leftMs, isUseOld } = found;
    // Beside the request: when a token was last used must not hold up its use, nor break it.
    if (isUseOld) void noteTokenUse(pool, id).catch(() => undefined);
    return { principal: { tokenId: id, name, scopes }, leftMs };
  }

  return {
    authenticate(header) {
      const token = bearerToken(header);
      return token === undefined ? undefined : cache.lookUp(tokenHash(token));
    },

    async create({ name, scopes, expires_in }, by) {
      const token = newTokenText(deps.random);
      const lifeMs = expires_in === undefined ? null : (parseDuration(expires_in) ?? null);
      const row = { id: deps.newId(), name, hash: tokenHash(token), scopes, createdBy: by, lifeMs };
      const created = await database.withTransaction((client) => insertToken(client, row));
      if (created === undefined)
        throw new AppError(
          "conflict",
          `There is a token named ${name} already: take another name, or revoke that one first (\`yard tokens revoke ${name}\`).`,
        );
      return { ...created, token };
    },

    list: (page) => listTokens(pool, page),

    async revoke(id) {
      const hash = await revokeToken(pool, id);
      if (hash === undefined) throw new AppError("not_found", `There is no token ${id}`);
      cache.forget(hash);
    },

    close: () => hearing.stop(),
  };
}

import {
  AppError,
  type CreatedToken,
  type CreateToken,
  type NewId,
  type Token,
} from "@yardmaster/protocol";
import type { Pool } from "pg";
import type { Authenticate, Principal } from "../http/index.ts";
import { createTokenCache, TOKEN_CACHE, type TokenCacheOptions } from "./token-cache.ts";
import { bearerToken, newTokenText, tokenHash } from "./token-text.ts";
import { findLiveToken, insertToken, listTokens, revokeToken } from "./tokens.store.ts";

export interface AuthDeps {
  readonly pool: Pool;
  readonly newId: NewId;
  readonly random: (bytes: number) => Buffer;
}

export interface Auth {
  readonly authenticate: Authenticate;
  /** Throws AppError conflict where a live token has the name. */
  create(request: CreateToken, by: string): Promise<CreatedToken>;
  /** Live tokens, newest first; `before` is the last id of the page before. */
  list(page: { readonly limit: number; readonly before: string | undefined }): Promise<Token[]>;
  /** Ends a token: here at once, in other processes within two seconds. Throws AppError not_found. */
  revoke(id: string): Promise<void>;
}

export function createAuth(deps: AuthDeps, cacheOptions: TokenCacheOptions = TOKEN_CACHE): Auth {
  const { pool } = deps;
  const cache = createTokenCache(async (hash) => {
    const found = await findLiveToken(pool, hash);
    return (
      found && ({ tokenId: found.id, name: found.name, scopes: found.scopes } satisfies Principal)
    );
  }, cacheOptions);

  return {
    authenticate(header) {
      const token = bearerToken(header);
      return token === undefined ? undefined : cache.lookUp(tokenHash(token));
    },

    async create({ name, scopes }, by) {
      const token = newTokenText(deps.random);
      const row = { id: deps.newId(), name, hash: tokenHash(token), scopes, createdBy: by };
      const created = await insertToken(pool, row);
      if (created === undefined)
        throw new AppError("conflict", `There is a token named ${name} already`);
      return { ...created, token };
    },

    list: (page) => listTokens(pool, page),

    async revoke(id) {
      const hash = await revokeToken(pool, id);
      if (hash === undefined) throw new AppError("not_found", `There is no token ${id}`);
      cache.forget(hash);
    },
  };
}

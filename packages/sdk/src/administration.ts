import type {
  CreatedToken,
  CreateSource,
  CreateToken,
  Pack,
  ServerStatus,
  Source,
  Token,
} from "@yardmaster/protocol";
import { type Listing, listPages } from "./pages.ts";
import type { CallOptions, Transport } from "./transport.ts";

export interface SourcesClient {
  create(source: CreateSource, options?: CallOptions): Promise<Source>;
  list(filter?: Listing<object>): AsyncGenerator<Source, void, undefined>;
}

export interface TokensClient {
  /** The answer is the only one that ever holds the token. */
  create(token: CreateToken, options?: CallOptions): Promise<CreatedToken>;
  list(filter?: Listing<object>): AsyncGenerator<Token, void, undefined>;
  remove(id: string, options?: CallOptions): Promise<void>;
}

export interface PacksClient {
  list(filter?: Listing<object>): AsyncGenerator<Pack, void, undefined>;
}

export function createSourcesClient(transport: Transport): SourcesClient {
  return {
    create: (body, { signal } = {}) =>
      transport.json({ method: "POST", path: "/v1/sources", body, signal }),
    list: (filter = {}) => listPages(transport, "/v1/sources", filter),
  };
}

export function createTokensClient(transport: Transport): TokensClient {
  return {
    create: (body, { signal } = {}) =>
      transport.json({ method: "POST", path: "/v1/tokens", body, signal }),
    list: (filter = {}) => listPages(transport, "/v1/tokens", filter),
    remove: (id, { signal } = {}) =>
      transport.json({ method: "DELETE", path: `/v1/tokens/${encodeURIComponent(id)}`, signal }),
  };
}

export function createPacksClient(transport: Transport): PacksClient {
  return { list: (filter = {}) => listPages(transport, "/v1/packs", filter) };
}

export function readStatus(
  transport: Transport,
  { signal }: CallOptions = {},
): Promise<ServerStatus> {
  return transport.json({ path: "/v1/status", signal });
}

import type {
  CreatedToken,
  CreateSource,
  CreateToken,
  ListPacks,
  Pack,
  RotateSource,
  ServerStatus,
  Source,
  Token,
} from "@yardmaster/protocol";
import { type Listing, listPages } from "../transport/pages.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";

export interface SourcesClient {
  /** Of a name and a kind; `webhook_path` of the answer says where its sender posts to. */
  create(source: CreateSource, options?: CallOptions): Promise<Source>;
  /** Those of packs too. */
  list(filter?: Listing<object>): AsyncGenerator<Source, void, undefined>;
  /** With what keeps it from taking deliveries. */
  get(name: string, options?: CallOptions): Promise<Source>;
  /** Sets a new secret; the one before goes on for a while. */
  rotate(name: string, rotate: RotateSource, options?: CallOptions): Promise<Source>;
  /** Its deliveries and events stay. */
  remove(name: string, options?: CallOptions): Promise<void>;
}

export interface TokensClient {
  /** The answer is the only one that ever holds the token. */
  create(token: CreateToken, options?: CallOptions): Promise<CreatedToken>;
  /** What they may do, and not the tokens themselves. */
  list(filter?: Listing<object>): AsyncGenerator<Token, void, undefined>;
  /** Revokes it, at once. */
  remove(id: string, options?: CallOptions): Promise<void>;
}

export interface PacksClient {
  /** With what is wrong with them. */
  list(filter?: Listing<ListPacks>): AsyncGenerator<Pack, void, undefined>;
  /** With what is wrong with it. */
  get(pack: string, options?: CallOptions): Promise<Pack>;
  /** Reads the folders again now; `list` then tells what came of it. */
  reload(options?: CallOptions): Promise<void>;
}

export function createSourcesClient(transport: Transport): SourcesClient {
  return {
    create: (body, { signal } = {}) =>
      transport.json({ method: "POST", path: "/v1/sources", body, signal }),
    list: (filter = {}) => listPages(transport, "/v1/sources", filter),
    get: (name, { signal } = {}) => transport.json({ path: sourcePath(name), signal }),
    rotate: (name, body, { signal } = {}) =>
      transport.json({ method: "POST", path: sourcePath(name, "/rotate"), body, signal }),
    remove: (name, { signal } = {}) =>
      transport.json({ method: "DELETE", path: sourcePath(name), signal }),
  };
}

function sourcePath(name: string, part = ""): string {
  return `/v1/sources/${encodeURIComponent(name)}${part}`;
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
  return {
    list: (filter = {}) => listPages(transport, "/v1/packs", filter),
    get: (pack, { signal } = {}) =>
      transport.json({ path: `/v1/packs/${encodeURIComponent(pack)}`, signal }),
    async reload({ signal } = {}) {
      await transport.json({ method: "POST", path: "/v1/packs/reload", signal });
    },
  };
}

export function readStatus(
  transport: Transport,
  { signal }: CallOptions = {},
): Promise<ServerStatus> {
  return transport.json({ path: "/v1/status", signal });
}

import type { ChangeSecret, PutSecret, Secret } from "@yardmaster/protocol";
import { type Listing, listPages } from "../transport/pages.ts";
import type { CallOptions, Transport } from "../transport/transport.ts";

/** No method gives a value back: the server never does. */
export interface SecretsClient {
  /** With what uses each of them. */
  list(filter?: Listing<object>): AsyncGenerator<Secret, void, undefined>;
  /** With who has set it, and when. */
  get(name: string, options?: CallOptions): Promise<Secret>;
  /** Sets its value, for attempts that begin afterwards; what is left out beside it stays. */
  set(name: string, secret: PutSecret, options?: CallOptions): Promise<Secret>;
  /** What is said of it, and which packs may use it; its value stays. */
  change(name: string, change: ChangeSecret, options?: CallOptions): Promise<Secret>;
  /** What still names it fails from then on. */
  remove(name: string, options?: CallOptions): Promise<void>;
}

export function createSecretsClient(transport: Transport): SecretsClient {
  const path = (name: string) => `/v1/secrets/${encodeURIComponent(name)}`;
  return {
    list: (filter = {}) => listPages(transport, "/v1/secrets", filter),
    get: (name, { signal } = {}) => transport.json({ path: path(name), signal }),
    set: (name, body, { signal } = {}) =>
      transport.json({ method: "PUT", path: path(name), body, signal }),
    change: (name, body, { signal } = {}) =>
      transport.json({ method: "PATCH", path: path(name), body, signal }),
    remove: (name, { signal } = {}) =>
      transport.json({ method: "DELETE", path: path(name), signal }),
  };
}

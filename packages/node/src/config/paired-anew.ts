import type { Config, WrittenConfig } from "./config.ts";
import { readServerUrl } from "./server-url.ts";

export type OwnersWords = Partial<
  Omit<WrittenConfig, "server" | "name" | "token" | "previous_token">
>;

/**
 * What stays of a configuration when its machine is paired anew: all that the owner allows and refuses, for a new
 * token is no reason to allow more. What was about the way to one server does not go along to another.
 */
export function ownersWords(before: WrittenConfig, server: string): OwnersWords {
  const { server: was, name: _, token: __, previous_token: ___, ...words } = before;
  if (linkOf(was) === linkOf(server)) return words;
  const { ca_cert: ____, pin: _____, insecure: ______, ...elsewhere } = words;
  return elsewhere;
}

const E2E_RANK = { off: 0, preferred: 1, required: 2 } as const;

/** The stricter of what stood there and what the server asks for. */
export function stricterE2e(before: Config["e2e"], asked: Config["e2e"]): Config["e2e"] {
  return E2E_RANK[asked] > E2E_RANK[before] ? asked : before;
}

function linkOf(server: string): string {
  const url = readServerUrl(server);
  return typeof url === "string" ? server : url.link.href;
}

import type { NodeBase, NodeGrants, NodeRefusalReason } from "@yardmaster/protocol";
import type { Database } from "../../../db/index.ts";
import type { Sealer } from "../../../sealing/index.ts";
import { findNodeWithSeals } from "../nodes.store.ts";
import type { HelloPolicy, NodeSecret, Verdict } from "../registry.types.ts";
import { isSameDigest, sealedPlace, tokenDigest } from "./token-text.ts";
import { type FoundToken, findNodeToken } from "./tokens.store.ts";

/** Token texts that a proof is tried over. */
const MAX_SECRETS = 4;
const NO_DIGEST = Buffer.alloc(32);

export const ALL_GRANTED: NodeGrants = {
  ...{ exec: true, read: true, write: true, jobs: true },
  paths: null,
};
export const BASE_DEFAULTS: NodeBase = { chunks: "on", env: "forward", stdin_guard: false };

export interface VerifyDeps {
  readonly database: Pick<Database, "pool">;
  readonly sealer: Sealer;
}

/** What hello_ack follows from; of an unknown name the same as of a fresh pairing, after the same query. */
export async function helloPolicy(
  { database, sealer }: VerifyDeps,
  name: string,
): Promise<HelloPolicy> {
  const found = await findNodeWithSeals(database.pool, name, MAX_SECRETS);
  if (found === undefined) {
    return { e2e: "off", grants: ALL_GRANTED, base: BASE_DEFAULTS, secrets: [] };
  }
  const { node, tokens } = found;
  const over = node.isRevoked ? "node_revoked" : "token_replaced";
  const secrets = tokens.flatMap(({ tokenId, sealed, isLive }): NodeSecret[] => {
    const text = sealer.open(sealed, sealedPlace(tokenId));
    return text === undefined
      ? []
      : [{ nodeId: node.nodeId, tokenId, text, over: isLive ? undefined : over }];
  });
  return { e2e: node.e2e, grants: node.grants, base: node.base, secrets };
}

/**
 * One look by the token's digest, whatever the name: it takes as long for an unknown name as for a wrong token, and
 * nobody can steer a digest. What it finds is compared in constant time once more.
 */
export async function verify(
  { database }: VerifyDeps,
  name: string,
  token: string,
): Promise<Verdict> {
  const digest = tokenDigest(token);
  const found = await findNodeToken(database.pool, digest, name);
  const isSame = isSameDigest(digest, found?.hash ?? NO_DIGEST);
  if (!isSame || found === undefined) return { kind: "invalid", known: undefined };
  const known = { nodeId: found.nodeId, why: whyNot(found) };
  if (found.isPairing) return { kind: "invalid", known };
  if (!found.isNamed)
    return found.isLive ? { kind: "renamed", name: found.name, known } : { kind: "invalid", known };
  if (!found.isLive) return { kind: "revoked", known };
  return { kind: "valid", nodeId: found.nodeId, tokenId: found.tokenId, e2e: found.e2e };
}

/** Why a token that is known opens nothing, where it does not. */
function whyNot({ isNodeRevoked, isPairing, isLive }: FoundToken): NodeRefusalReason {
  if (isNodeRevoked) return "node_revoked";
  if (isPairing) return "not_swapped";
  return isLive ? "other_name" : "token_replaced";
}

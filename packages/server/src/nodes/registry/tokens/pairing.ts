import {
  AppError,
  MAX_PAIRING_LIFE_MS,
  NODES_URL_PATH,
  type pairNodeSchema,
  parseDuration,
  type SwappedToken,
  type swapPairingTokenSchema,
} from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import type { z } from "zod";
import { audited } from "../audited.ts";
import { displacedWarnings } from "../changes/displaced.ts";
import { over } from "../changes/over.ts";
import { revokeLocked } from "../changes/revocation.ts";
import { isFormerName, takeName } from "../names.store.ts";
import {
  insertNode,
  lockLiveNode,
  lockNodeToPair,
  type NewNode,
  type NodeRow,
} from "../nodes.store.ts";
import type { RegistryDeps } from "../registry-deps.ts";
import { newNodeToken, sealedPlace, tokenDigest } from "./token-text.ts";
import {
  findNodeToken,
  hasCurrentToken,
  insertNodeToken,
  type LiveRole,
  retireTokens,
  usePairingToken,
} from "./tokens.store.ts";
import { ALL_GRANTED, BASE_DEFAULTS } from "./verify.ts";

/** A token that was just made: its text is nowhere else. */
export interface ShownToken {
  readonly token: string;
  readonly kind: "pairing" | "lasting";
  /** Null: until it is revoked. */
  readonly expiresAt: string | null;
}

export type PairRequest = z.output<typeof pairNodeSchema>;
export type SwapRequest = z.output<typeof swapPairingTokenSchema>;

/**
 * Makes a node and its first token.
 * @throws AppError `conflict` where a live node has the name
 */
export async function pairNode(
  deps: RegistryDeps,
  request: PairRequest,
  by: string,
): Promise<ShownToken & { readonly nodeId: string; readonly warnings: readonly string[] }> {
  const { name, client: pairedFor, e2e, labels, force } = request;
  const node: NewNode = {
    id: deps.newId(),
    name,
    pairedFor,
    e2e,
    labels,
    grants: over(ALL_GRANTED, request.grants),
    base: over(BASE_DEFAULTS, request.base),
    createdBy: by,
  };
  const details = { client: pairedFor, e2e, labels, grants: { ...node.grants }, force };
  const act = { actor: by, action: "node.pair", subject: name, details } as const;
  return await audited(deps, act, async () => {
    const made = await deps.database.withTransaction(async (client) => {
      const present = force ? await lockLiveNode(client, name) : undefined;
      if (present !== undefined)
        await revokeLocked(client, present.nodeId, { actor: by, reason: FORCED });
      if (!(await insertNode(client, node))) throw taken(name);
      const displaced = await takeName(client, node.id, name);
      const shown = await makeToken(deps, client, {
        nodeId: node.id,
        role: pairedFor === "yard" ? "pairing" : "current",
        isSealed: e2e !== "off",
        e2e: null,
        lifeMs: pairedFor === "yard" ? lifeMs(request.expires_in) : null,
        by,
      });
      return { shown, displaced, revokedId: present?.nodeId };
    });
    if (made.revokedId !== undefined) await tellForced(deps, made.revokedId, name, by);
    await deps.tell.announce("paired", { nodeId: node.id, name }, { by });
    return {
      ...made.shown,
      nodeId: node.id,
      warnings: displacedWarnings(name, made.displaced),
    };
  });
}

const FORCED = "its name was paired anew with force";

/** The node that had to make room. */
async function tellForced(
  { tell }: RegistryDeps,
  nodeId: string,
  name: string,
  by: string,
): Promise<void> {
  await tell.announce("revoked", { nodeId, name }, { by });
  await tell.note({
    actor: by,
    action: "node.revoke",
    subject: name,
    nodeId,
    phase: "event",
    status: "ok",
    details: { reason: FORCED },
  });
}

/** What a duration of the schema says. */
export function lifeMs(text: string): number {
  return parseDuration(text) ?? MAX_PAIRING_LIFE_MS;
}

interface TokenPlan {
  readonly nodeId: string;
  readonly role: LiveRole;
  readonly isSealed: boolean;
  readonly e2e: PairRequest["e2e"] | null;
  readonly lifeMs: number | null;
  readonly by: string;
}

/** Stores a new token of a node that is locked, or new. */
export async function makeToken(
  { random, newId, sealer }: RegistryDeps,
  client: ClientBase,
  plan: TokenPlan,
): Promise<ShownToken & { readonly tokenId: string }> {
  const token = newNodeToken(random);
  const tokenId = newId();
  // A pairing token opens nothing on the wire, so nobody needs its text.
  const isSealed = plan.isSealed && plan.role !== "pairing";
  const expiresAt = await insertNodeToken(client, {
    id: tokenId,
    nodeId: plan.nodeId,
    role: plan.role,
    hash: tokenDigest(token),
    sealed: isSealed ? sealer.seal(token, sealedPlace(tokenId)) : null,
    e2e: plan.e2e,
    createdBy: plan.by,
    lifeMs: plan.lifeMs,
  });
  return { token, tokenId, kind: plan.role === "pairing" ? "pairing" : "lasting", expiresAt };
}

/**
 * Swaps a pairing token for the lasting one, once: two that come with the same token are two transactions on one node's
 * row, and the statement that uses the token up finds it for the first alone. Of a node that has a token already the
 * new one is the next, as in any rotation.
 * @throws AppError `invalid_pairing_token`, the same for unknown, used, expired, revoked and for another name
 */
export async function swapPairingToken(
  deps: RegistryDeps,
  request: SwapRequest,
  address: string,
): Promise<SwappedToken> {
  const digest = tokenDigest(request.token);
  const swapped = await deps.database.withTransaction(async (client) => {
    const node = await lockNodeToPair(client, digest);
    if (node === undefined) return undefined;
    if (!(await isCalled(client, node, request.name))) return undefined;
    const used = await usePairingToken(client, digest);
    if (used === undefined) return undefined;
    const isFirst = !(await hasCurrentToken(client, node.nodeId));
    await retireTokens(client, node.nodeId, ["next"]);
    const e2e = used.e2e ?? node.e2e;
    const { token } = await makeToken(deps, client, {
      nodeId: node.nodeId,
      role: isFirst ? "current" : "next",
      isSealed: e2e !== "off" || node.e2e !== "off",
      e2e: isFirst ? null : used.e2e,
      lifeMs: null,
      by: used.createdBy,
    });
    return { node, token, e2e };
  });
  if (swapped === undefined) {
    await noteRefusal(deps, request, address);
    throw notSwapped();
  }
  const { node, token, e2e } = swapped;
  const { node_version = null, platform = null, arch = null } = request;
  await deps.tell.note({
    actor: `node:${node.name}`,
    action: "node.swap",
    subject: node.name,
    nodeId: node.nodeId,
    phase: "event",
    status: "ok",
    details: { address, node_version, platform, arch },
  });
  return { name: node.name, token, url_path: NODES_URL_PATH, e2e };
}

/** A line to paste holds the name of its day. */
async function isCalled(
  client: ClientBase,
  { nodeId, name }: NodeRow,
  given: string | undefined,
): Promise<boolean> {
  if (given === undefined || given === name) return true;
  return await isFormerName(client, nodeId, given);
}

/** A token that was one of ours and comes again may be in two hands. What was never ours is not worth a row. */
async function noteRefusal(
  deps: RegistryDeps,
  { token, name }: SwapRequest,
  address: string,
): Promise<void> {
  const known = await findNodeToken(deps.database.pool, tokenDigest(token), name ?? "");
  if (known === undefined) return;
  await deps.tell.note({
    actor: "stranger",
    action: "node.swap",
    subject: known.name,
    nodeId: known.nodeId,
    phase: "event",
    status: "invalid_pairing_token",
    details: { address },
  });
}

function taken(name: string): AppError {
  return new AppError(
    "conflict",
    `There is a node ${name} already. Choose another name; or revoke it first (yard node revoke ${name}), or pair with force, which does.`,
    { errors: [{ path: "/name", message: "is a live node's" }] },
  );
}

function notSwapped(): AppError {
  return new AppError(
    "invalid_pairing_token",
    "This pairing token is unknown, used, expired or for another name. Make a new one on the server: yard node rotate NAME --no-push, or where no such node is there, yard node pair NAME",
  );
}

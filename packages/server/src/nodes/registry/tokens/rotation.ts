import { AppError, type NodeE2e } from "@yardmaster/protocol";
import type { ClientBase } from "pg";
import { setE2e, settleRotation } from "../links/logins.store.ts";
import { lockLiveNode } from "../nodes.store.ts";
import type { RegistryDeps } from "../registry-deps.ts";
import { noSuchNode } from "../views/absent.ts";
import { lifeMs, makeToken, type ShownToken } from "./pairing.ts";
import {
  dropNextToken,
  dropSeals,
  findHeldNextToken,
  hasCurrentToken,
  keepNextToken,
  retireTokens,
} from "./tokens.store.ts";

/** How long a pushed token may wait for the node's word, with both valid. */
export const PUSHED_LIFE_MS = 600_000;

export interface NewTokenWanted {
  /** pushed: over the link, and dropped unless the node confirms it. shown: to the operator, who brings it there. */
  readonly way: "pushed" | "shown";
  readonly e2e: NodeE2e | undefined;
  /** Of a pairing token. */
  readonly expiresIn: string;
}

export interface RotationStarted extends ShownToken {
  readonly nodeId: string;
  readonly tokenId: string;
}

/**
 * Stores a new token beside the present one, which stays valid until the first login with the new. A rotation that was
 * under way is given up.
 * @throws AppError `not_found`
 */
export async function startRotation(
  deps: RegistryDeps,
  name: string,
  { way, e2e, expiresIn }: NewTokenWanted,
  by: string,
): Promise<RotationStarted> {
  return await deps.database.withTransaction(async (client) => {
    const node = await lockLiveNode(client, name);
    if (node === undefined) throw await noSuchNode(client, name, "live node");
    const isPairing = way === "shown" && node.pairedFor === "yard";
    if (!isPairing && node.pairedFor === "yard") await settleHeld(client, node.nodeId);
    // The one that its machine may have taken over the link is good until the pairing token is swapped for another.
    await retireTokens(client, node.nodeId, isPairing ? ["pairing"] : ["next", "pairing"]);
    const isFirst = !(await hasCurrentToken(client, node.nodeId));
    const made = await makeToken(deps, client, {
      nodeId: node.nodeId,
      role: isPairing ? "pairing" : isFirst ? "current" : "next",
      isSealed: node.e2e !== "off" || (e2e ?? "off") !== "off",
      e2e: e2e ?? null,
      lifeMs: isPairing ? lifeMs(expiresIn) : way === "pushed" ? PUSHED_LIFE_MS : null,
      by,
    });
    return { ...made, nodeId: node.nodeId };
  });
}

/** The token that the machine has confirmed is its own, though it has not come with it yet: what it had before goes. */
async function settleHeld(client: ClientBase, nodeId: string): Promise<void> {
  const held = await findHeldNextToken(client, nodeId);
  if (held === undefined) return;
  await settleRotation(client, nodeId, held.tokenId);
  if (held.e2e === null) return;
  await setE2e(client, nodeId, held.e2e);
  if (held.e2e === "off") await dropSeals(client, nodeId);
}

/**
 * The node has it in its config.
 * @throws AppError `conflict` where its token is none any more: nobody may take it for delivered
 */
export async function confirmRotation(deps: RegistryDeps, tokenId: string): Promise<void> {
  if (await keepNextToken(deps.database.pool, tokenId)) return;
  const why = "another rotation began meanwhile, or the node was revoked";
  throw new AppError(
    "conflict",
    `The token that was delivered is not valid: ${why}. Look at the node before you rotate it again.`,
  );
}

/** The node did not take it. */
export async function giveUpRotation(deps: RegistryDeps, tokenId: string): Promise<void> {
  await dropNextToken(deps.database.pool, tokenId);
}

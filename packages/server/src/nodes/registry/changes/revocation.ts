import type { ClientBase } from "pg";
import { audited } from "../audited.ts";
import { encodeNotice, NODES_CHANNEL } from "../channel.ts";
import { notifyNodes } from "../links/links.store.ts";
import { lockLiveNode, markRevoked, type RevokedBy } from "../nodes.store.ts";
import type { RegistryDeps } from "../registry-deps.ts";
import { retireTokens } from "../tokens/tokens.store.ts";

/**
 * Ends a node that is locked: it is marked, its tokens are retired, and every process is told with the commit. A login
 * that comes after finds it revoked; one that was before is found by whoever holds its link.
 */
export async function revokeLocked(
  client: ClientBase,
  nodeId: string,
  by: RevokedBy,
): Promise<void> {
  await markRevoked(client, nodeId, by);
  await retireTokens(client, nodeId, ["pairing", "current", "next"]);
  await notifyNodes(client, NODES_CHANNEL, encodeNotice({ kind: "revoked", nodeId }));
}

/** Revokes the live node of a name; undefined where there is none. */
export async function revokeNode(
  deps: RegistryDeps,
  name: string,
  by: RevokedBy,
): Promise<string | undefined> {
  const { actor, reason } = by;
  const present = await deps.database.withTransaction((client) => lockLiveNode(client, name));
  if (present === undefined) return undefined;
  const details = reason === undefined ? {} : { reason };
  const act = { actor, action: "node.revoke", subject: name, details } as const;
  const done = await audited(deps, act, () =>
    deps.database.withTransaction(async (client) => {
      const node = await lockLiveNode(client, name);
      if (node !== undefined) await revokeLocked(client, node.nodeId, by);
      return { nodeId: node?.nodeId ?? present.nodeId, isDone: node !== undefined };
    }),
  );
  if (done.isDone)
    await deps.tell.announce("revoked", { nodeId: done.nodeId, name }, { by: actor });
  return done.nodeId;
}

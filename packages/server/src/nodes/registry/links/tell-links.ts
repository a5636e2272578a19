import type { Admission, Login } from "../registry.types.ts";
import type { Tell } from "../tell.ts";
import type { LinkChange } from "./links.store.ts";

interface Admitted {
  readonly admission: Extract<Admission, { kind: "admitted" }>;
  readonly isBack: boolean;
  readonly hasNewToken: boolean;
}

/** A login, once it is durable; the node is not kept waiting for it. */
export async function tellAdmitted(
  tell: Tell,
  login: Login,
  { admission, isBack, hasNewToken }: Admitted,
): Promise<void> {
  const { node, epoch, replaced } = admission;
  const { sessionId, address } = login;
  await tell.announce(isBack ? "reconnected" : "connected", node, {
    session_id: sessionId,
    address,
  });
  if (hasNewToken) await tell.announce("rotated", node, { state: "settled" });
  await tell.note({
    actor: `node:${node.name}`,
    action: "node.connect",
    subject: node.name,
    nodeId: node.nodeId,
    phase: "event",
    status: "ok",
    sessionId,
    details: {
      address,
      epoch,
      encrypted: login.isEncrypted,
      client: login.client,
      node_version: login.nodeVersion,
      protocol_version: login.protocolVersion,
      capabilities: [...login.capabilities],
      ...(replaced === null ? {} : { replaced }),
      ...(hasNewToken ? { rotated: true } : {}),
    },
  });
}

export async function tellConflict(tell: Tell, login: Login, name: string): Promise<void> {
  const { nodeId, address, sessionId } = login;
  await tell.announce("conflict", { nodeId, name }, { address });
  await tell.note({
    actor: `node:${name}`,
    action: "node.conflict",
    subject: name,
    nodeId,
    phase: "event",
    status: "connection_replaced",
    sessionId,
    details: {
      address,
      reason: "two machines share one token; the one that is connected keeps its place",
    },
  });
}

/** The end of a link, once it is written. */
export async function tellGone(tell: Tell, change: LinkChange, reason: string): Promise<void> {
  await tell.announce("disconnected", change, { session_id: change.sessionId, reason });
  await tell.note({
    actor: `node:${change.name}`,
    action: "node.disconnect",
    subject: change.name,
    nodeId: change.nodeId,
    phase: "event",
    status: change.isRevoked ? "node_revoked" : "ok",
    sessionId: change.sessionId,
    details: { reason },
  });
}

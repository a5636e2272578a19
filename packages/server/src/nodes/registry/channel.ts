import { isUuid } from "@yardmaster/protocol";

/** On which processes tell each other that a node's place, token or settings changed. */
export const NODES_CHANNEL = "yard_nodes";

/** revoked, changed: look at the node. replaced: a session with this epoch has the place. */
export type NodeNotice =
  | { readonly kind: "revoked" | "changed"; readonly nodeId: string }
  | { readonly kind: "replaced"; readonly nodeId: string; readonly epoch: number };

export function encodeNotice(notice: NodeNotice): string {
  const { kind, nodeId } = notice;
  return kind === "replaced" ? `${kind} ${nodeId} ${notice.epoch}` : `${kind} ${nodeId}`;
}

/** Undefined for what is no notice of ours. */
export function decodeNotice(payload: string): NodeNotice | undefined {
  const [kind, nodeId = "", epoch] = payload.split(" ");
  if (!isUuid(nodeId)) return undefined;
  if (kind === "revoked" || kind === "changed") return { kind, nodeId };
  if (kind === "replaced" && Number.isSafeInteger(Number(epoch)))
    return { kind, nodeId, epoch: Number(epoch) };
  return undefined;
}

import type { LiveState } from "./hub.types.ts";
import type { NodeSlot } from "./link/node-slot.ts";

/** How a node stands whose link is held here; undefined where there is none, and none is waited for. */
export function liveStateOf(slot: NodeSlot): LiveState | undefined {
  const link = slot.link ?? slot.lost;
  if (link === undefined) return undefined;
  const status =
    slot.link === undefined ? "reconnecting" : link.state === "draining" ? "draining" : "connected";
  return {
    nodeId: slot.nodeId,
    name: slot.name,
    status,
    since: new Date(
      slot.link === undefined ? (slot.held?.sinceMs ?? link.lastSeenMs) : link.sinceMs,
    ),
    sessionId: link.sessionId,
    epoch: link.epoch,
    address: link.address,
    client: link.client,
    isE2e: link.isSealed,
    protocolVersion: link.protocolVersion,
    capabilities: [...link.capabilities],
    info: link.info,
    openCalls: slot.calls.size - slot.waiting.length,
    queuedCalls: slot.waiting.length,
  };
}

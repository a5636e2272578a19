import type { NodeRef } from "../hub.types.ts";
import { createNodeSlot, isIdle, type NodeSlot } from "./node-slot.ts";

/** The nodes that this process knows of: with a link, with calls, or lately. */
export interface Slots {
  /** By id or name. */
  find(ref: NodeRef): NodeSlot | undefined;
  get(nodeId: string): NodeSlot | undefined;
  ensure(nodeId: string, name: string): NodeSlot;
  rename(slot: NodeSlot, name: string): void;
  all(): Iterable<NodeSlot>;
  /** Forgets a node that nothing is known of any more. */
  forget(slot: NodeSlot, nowMs: number): void;
}

export function createSlots(messagesPerSecond: number): Slots {
  const byId = new Map<string, NodeSlot>();
  const byName = new Map<string, NodeSlot>();

  function unname(slot: NodeSlot): void {
    if (byName.get(slot.name) === slot) byName.delete(slot.name);
  }

  return {
    find: (ref) => byId.get(ref) ?? byName.get(ref),
    get: (nodeId) => byId.get(nodeId),
    ensure(nodeId, name) {
      const known = byId.get(nodeId);
      if (known !== undefined) return known;
      const slot = createNodeSlot(nodeId, name, messagesPerSecond);
      byId.set(nodeId, slot);
      byName.set(name, slot);
      return slot;
    },
    rename(slot, name) {
      unname(slot);
      slot.name = name;
      byName.set(name, slot);
    },
    all: () => byId.values(),
    forget(slot, nowMs) {
      if (!isIdle(slot, nowMs)) return;
      byId.delete(slot.nodeId);
      unname(slot);
    },
  };
}

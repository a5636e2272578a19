import type { LinkRegistry } from "../registry/registry.types.ts";
import type { Door } from "./handshake/door.ts";
import type { HubJobs } from "./jobs.types.ts";
import type { Departure } from "./link/departure.ts";
import type { Dispatch } from "./link/dispatch.ts";
import { REPLACED, REVOKED } from "./link/link-ends.ts";
import { type NodeSlot, wakeAll } from "./link/node-slot.ts";
import type { Slots } from "./link/slots.ts";

export interface RegistryNewsDeps {
  readonly registry: Pick<LinkRegistry, "onRevoked" | "onReplaced" | "onChanged">;
  readonly slots: Slots;
  readonly door: Door;
  readonly departure: Departure;
  readonly dispatch: Dispatch;
  readonly jobs: HubJobs | undefined;
}

export interface RegistryNews {
  /** Ends everything of a node whose token is not valid any more. */
  revoke(nodeId: string): void;
  stop(): void;
}

/** Does to links what was decided elsewhere: of sessions by their ids, and of logins that are still under way. */
export function hearRegistry(deps: RegistryNewsDeps): RegistryNews {
  const { registry, slots, door, departure } = deps;

  function end(slot: NodeSlot): void {
    slot.link?.urgent({ type: "bye", reason: "revoked" });
    slot.link?.close(REVOKED);
    if (slot.held !== undefined) {
      slot.held = { ...slot.held, error: REVOKED.error };
      departure.giveUpHeld(slot);
    }
    for (const call of [...slot.calls.values()]) call.fail(REVOKED.error(slot.name));
    wakeAll(slot);
  }

  const unsubscribes = [
    registry.onRevoked(({ nodeId, sessionId }) => {
      door.voidWhere((login) => login.sessionId === sessionId, "revoked");
      const slot = slots.get(nodeId);
      const isPresent = slot?.link?.sessionId === sessionId || slot?.held?.sessionId === sessionId;
      if (slot !== undefined && isPresent) end(slot);
    }),
    registry.onReplaced(({ nodeId, sessionId }) => {
      door.voidWhere((login) => login.sessionId === sessionId, "superseded");
      const link = slots.get(nodeId)?.link;
      if (link?.sessionId === sessionId) link.close(REPLACED);
    }),
    registry.onChanged((node) => {
      const slot = slots.get(node.nodeId);
      const link = slot?.link;
      if (slot === undefined || link === undefined) return;
      slots.rename(slot, node.name);
      link.renew(node);
      if (node.e2e === "required" && !link.isSealed)
        deps.dispatch.recycle(slot, link, "End-to-end encryption is required of it now");
      else if (slot.job !== undefined && link.state === "open") deps.jobs?.onInfo?.(slot.job);
      deps.dispatch.renew(slot);
    }),
  ];

  return {
    revoke(nodeId) {
      door.voidWhere((login) => login.nodeId === nodeId, "revoked");
      const slot = slots.get(nodeId);
      if (slot !== undefined) end(slot);
    },
    stop() {
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}

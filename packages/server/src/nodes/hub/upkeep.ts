import type { LinkRegistry } from "../registry/registry.types.ts";
import type { HubJobs } from "./jobs.types.ts";
import type { Departure } from "./link/departure.ts";
import type { Dispatch } from "./link/dispatch.ts";
import type { Farewells } from "./link/farewells.ts";
import type { NodeSlot } from "./link/node-slot.ts";

export interface UpkeepDeps {
  readonly registry: Pick<LinkRegistry, "seen" | "load">;
  readonly jobs: HubJobs | undefined;
  readonly departure: Departure;
  readonly dispatch: Dispatch;
  readonly farewells: Farewells;
}

/** What time brings to a node, looked at a few times a second for all nodes by one timer. */
export function createUpkeep(deps: UpkeepDeps): (slot: NodeSlot, nowMs: number) => void {
  const { registry, departure, dispatch } = deps;

  function tell(slot: NodeSlot): void {
    const { link, job } = slot;
    if (link === undefined) return;
    if (slot.toldSeenMs !== link.lastSeenMs) {
      slot.toldSeenMs = link.lastSeenMs;
      registry.seen(link.sessionId);
    }
    const jobs = job === undefined ? 0 : (deps.jobs?.running?.(job) ?? 0);
    const load = { calls: slot.calls.size, jobs, slots: link.info.slots };
    const text = `${link.sessionId} ${load.calls} ${load.jobs} ${load.slots}`;
    if (text === slot.toldLoad) return;
    slot.toldLoad = text;
    registry.load(link.sessionId, load);
  }

  return (slot, nowMs) => {
    tell(slot);
    dispatch.renew(slot);
    deps.farewells.check(slot, nowMs);
    const isSettling = slot.link?.state === "settling";
    if (slot.held !== undefined && nowMs >= slot.held.untilMs && !isSettling)
      departure.giveUpHeld(slot);
    if (slot.recycleUntilMs !== undefined && nowMs >= slot.recycleUntilMs)
      departure.giveUpRecycled(slot);
  };
}

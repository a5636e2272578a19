import type { HubJobs, LinkSession } from "../nodes/index.ts";
import { createPackManifest } from "./files/pack-manifest.ts";
import type { NodeJobsDeps, NodeJobsOptions } from "./node-jobs.types.ts";
import { createPlace, type Place } from "./place.ts";

/** What the frames of a node about no job it has are answered with: it stops what it thinks it has. */
const REFUSED = { task_renew: "task_lost", task_result: "task_done" } as const;

/** Gives attempts of runs to nodes, over the links that the hub holds. */
export function createNodeJobs(deps: NodeJobsDeps, options: NodeJobsOptions): HubJobs {
  const places = new Map<string, Place>();
  const away = new Map<string, NodeJS.Timeout>();
  const parts = { ...deps, manifest: createPackManifest() };

  /** The place of this very link; another link of the node may have taken its place. */
  function placeOf(session: LinkSession): Place | undefined {
    const place = places.get(session.nodeId);
    return place?.isOf(session) === true ? place : undefined;
  }

  function close(place: Place, reason: string): void {
    clearTimeout(away.get(place.nodeId));
    away.delete(place.nodeId);
    if (places.get(place.nodeId) === place) places.delete(place.nodeId);
    void place.close(reason);
  }

  function ready(session: LinkSession, slots: number): boolean {
    const known = placeOf(session);
    if (known !== undefined) return known.ready(slots);
    // Without a resume it has stopped everything of before.
    const before = places.get(session.nodeId);
    if (before !== undefined) close(before, "its node began anew");
    const place = createPlace(parts, options, session);
    places.set(session.nodeId, place);
    return place.ready(slots);
  }

  /** Of a lease that is not held here (any more), or not under this fence. */
  function refuse(session: LinkSession, frame: { readonly type: string }): boolean {
    const type = REFUSED[frame.type as keyof typeof REFUSED];
    const { lease_id, fence } = frame as { lease_id?: string; fence?: number };
    if (type === undefined || lease_id === undefined) return false;
    const more = type === "task_done" ? { accepted: false } : { fence };
    session.send({ type, lease_id, ...more } as never).catch(() => undefined);
    return false;
  }

  return {
    onOpen(session) {
      placeOf(session)?.resumed();
    },
    onInfo(session) {
      placeOf(session)?.changed();
    },
    running: (session) => placeOf(session)?.running() ?? 0,
    unrecorded: (session) => placeOf(session)?.unrecorded() ?? 0,
    onFrame(session, frame) {
      if (frame.type === "task_ready") {
        return ready(session, (frame as unknown as { slots: number }).slots);
      }
      const about = frame as { readonly type: string; readonly lease_id: string };
      const heard = placeOf(session)?.onFrame(about) ?? "no_lease";
      return heard === "no_lease" ? refuse(session, frame) : heard === "due";
    },
    onResume(session, leases) {
      const place = places.get(session.nodeId);
      if (place === undefined) return leases.map(({ lease_id }) => ({ lease_id, keep: false }));
      clearTimeout(away.get(session.nodeId));
      away.delete(session.nodeId);
      return place.resume(session, leases);
    },
    onDraining(session) {
      placeOf(session)?.changed();
    },
    onClosed(session, reason, graceMs) {
      const place = placeOf(session);
      if (place === undefined) return;
      if (graceMs <= 0) return close(place, `its link ended: ${reason}`);
      const timer = setTimeout(() => close(place, "its node did not come back in time"), graceMs);
      away.set(session.nodeId, timer);
    },
  };
}

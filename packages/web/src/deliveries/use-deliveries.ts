import { useFresh } from "../live/use-fresh.ts";
import { useSession } from "../session/session.tsx";
import type { DeliveryPlace } from "./delivery-place.ts";

const PAGE_DELIVERIES = 50;
const PACE_MS = 1_000;
/** The live stream tells of events: of a delivery from which none came nothing is told. */
const EVERY_MS = 10_000;

/** A page of the list of deliveries, kept up to date. */
export function useDeliveries(place: DeliveryPlace) {
  const { client } = useSession();
  const { problem, source, before } = place;
  return useFresh({
    key: ["deliveries", place],
    read: (signal) =>
      client.deliveries.page({
        source,
        ...(problem && { problem: "true" }),
        cursor: before,
        limit: PAGE_DELIVERIES,
        signal,
      }),
    types: "event.created",
    paceMs: PACE_MS,
    everyMs: EVERY_MS,
  });
}

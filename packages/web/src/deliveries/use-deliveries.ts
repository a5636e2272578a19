import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useLive } from "../live/use-live.ts";
import { useRefresher } from "../live/use-refresher.ts";
import { useSession } from "../session/session.tsx";
import type { DeliveryPlace } from "./delivery-place.ts";

const PAGE_DELIVERIES = 50;
const REFRESH_MS = 1_000;
/** The live stream tells of events: of a delivery from which none came nothing is told. */
const LOOK_EVERY_MS = 10_000;

/** A page of the list of deliveries, kept up to date. */
export function useDeliveries(place: DeliveryPlace) {
  const { client } = useSession();
  const { problem, source, before } = place;
  const query = useQuery({
    queryKey: ["deliveries", place],
    queryFn: ({ signal }) =>
      client.deliveries.page({
        source,
        ...(problem && { problem: "true" }),
        cursor: before,
        limit: PAGE_DELIVERIES,
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: LOOK_EVERY_MS,
  });
  const refresh = useRefresher(() => query.refetch({ cancelRefetch: false }), REFRESH_MS);
  useLive({ types: "event.created" }, refresh);
  return query;
}

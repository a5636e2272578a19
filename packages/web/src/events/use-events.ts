import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ListedEvent } from "@yardmaster/protocol";
import type { Page } from "@yardmaster/sdk";
import { useHold } from "../live/use-hold.ts";
import { useLive } from "../live/use-live.ts";
import { useRefresher } from "../live/use-refresher.ts";
import { useSession } from "../session/session.tsx";
import { type EventPlace, filterOf } from "./event-filter.ts";

const PAGE_EVENTS = 50;
/** How often the list is read again at most while events come. */
const REFRESH_MS = 400;

/** A page of the list of events, kept up to date by the live stream; while it is held, none is put above. */
export function useEvents(place: EventPlace) {
  const { client } = useSession();
  const hold = useHold(() => refresh());
  const filter = filterOf(place);
  const query = useQuery({
    queryKey: ["events", place],
    queryFn: ({ signal, client: queries, queryKey }) => {
      const newest = hold.isHeld()
        ? justAfter(queries.getQueryData<Page<ListedEvent>>(queryKey))
        : undefined;
      return client.events.page({
        ...filter,
        limit: PAGE_EVENTS,
        cursor: place.before,
        // The newest of those that are shown, and what is older.
        until: newest ?? filter.until,
        // A page of large ones would be a hundred megabytes.
        payloads: "false",
        signal,
      });
    },
    placeholderData: keepPreviousData,
  });
  const refresh = useRefresher(() => {
    if (hold.isHeld()) hold.awaitRelease();
    return query.refetch({ cancelRefetch: false });
  }, REFRESH_MS);
  useLive({ types: "event.*" }, refresh);
  return { query, hold };
}

function justAfter(page: Page<ListedEvent> | undefined): string | undefined {
  const newest = page?.items[0];
  return newest && new Date(Date.parse(newest.received_at) + 1).toISOString();
}

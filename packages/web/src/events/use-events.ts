import { useHeldPage } from "../list/use-held-page.ts";
import { useSession } from "../session/session.tsx";
import { type EventPlace, filterOf } from "./event-filter.ts";

const PAGE_EVENTS = 50;

/** A page of the list of events. */
export function useEvents(place: EventPlace) {
  const { client } = useSession();
  const filter = filterOf(place);
  return useHeldPage({
    key: ["events", place],
    read: (until, signal) =>
      client.events.page({
        ...filter,
        limit: PAGE_EVENTS,
        cursor: place.before,
        until: until ?? filter.until,
        // A page of large ones would be a hundred megabytes.
        payloads: "false",
        signal,
      }),
    timeOf: ({ received_at }) => received_at,
    types: "event.*",
  });
}

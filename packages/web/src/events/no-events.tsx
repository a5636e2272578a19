import { Link } from "@tanstack/react-router";
import { Command } from "../design/command.tsx";
import { EmptyList } from "../list/empty-list.tsx";
import { type EventPlace, isFiltered } from "./event-filter.ts";
import { NewestLink } from "./page-links.tsx";

/** An empty list: nothing older is kept, nothing fits the filter, or nothing ever came. */
export function NoEvents({ place }: { readonly place: EventPlace }) {
  if (place.before !== undefined)
    return (
      <div className="mt-4 space-y-4 py-14 text-center">
        <p className="font-semibold">There are no older events</p>
        <NewestLink place={place} />
      </div>
    );
  if (isFiltered(place))
    return (
      <EmptyList title="No event fits the filter">
        One that does appears here as soon as it comes.{" "}
        <Link to="/events" className="text-accent underline">
          Show all events
        </Link>
      </EmptyList>
    );
  return (
    <EmptyList title="No event has come yet">
      <p>
        Events come from webhooks, sensors and schedules, and appear here as they do. Send one with
      </p>
      <Command>{`yard events send --type shop.order --data '{"n": 1}'`}</Command>
    </EmptyList>
  );
}

import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Button, buttonLook } from "../design/button.tsx";
import { Failure } from "../design/failure.tsx";
import { RowSkeletons } from "../list/row-skeletons.tsx";
import { type EventPlace, filterOf } from "./event-filter.ts";
import { EventFilters } from "./event-filters.tsx";
import { EventRow } from "./event-row.tsx";
import { NoEvents } from "./no-events.tsx";
import { NewestLink, OlderLink } from "./page-links.tsx";
import { useEvents } from "./use-events.ts";

/** All events, newest first, as they come, each with what became of it. */
export function EventsPage({ place }: { readonly place: EventPlace }) {
  return (
    <>
      <title>Events — Yardmaster</title>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-xl font-semibold tracking-tight">Events</h1>
        <Link to="/deliveries" className={buttonLook("plain")}>
          Deliveries
        </Link>
      </div>
      <EventFilters filter={filterOf(place)} />
      <EventsList place={place} />
    </>
  );
}

function EventsList({ place }: { readonly place: EventPlace }) {
  const [openedAt] = useState(() => Date.now());
  const { query, hold } = useEvents(place);
  const { data, error, isPending, isPlaceholderData } = query;
  if (data === undefined && error !== null)
    return (
      <div className="mt-4">
        <Failure error={error} to="read events" onRetry={() => void query.refetch()} />
      </div>
    );
  if (data?.items.length === 0) return <NoEvents place={place} />;
  return (
    <div className="mt-4 space-y-4">
      {place.before !== undefined && (
        <p className="text-muted">
          These are older events. <NewestLink place={place} />
        </p>
      )}
      <ol
        ref={hold.list}
        onPointerMove={hold.onPointerMove}
        aria-label="Events, newest first"
        aria-busy={isPending || isPlaceholderData}
        className={`overflow-hidden rounded-xl border border-line bg-card transition-opacity ${isPlaceholderData ? "opacity-60" : ""}`}
      >
        {data === undefined ? (
          <RowSkeletons />
        ) : (
          data.items.map((event) => (
            <EventRow
              key={event.id}
              event={event}
              isNew={Date.parse(event.received_at) > openedAt}
            />
          ))
        )}
      </ol>
      {hold.isAway && place.before === undefined && (
        <Button
          type="button"
          className="fixed right-4 bottom-4 z-10 shadow"
          onClick={() => scrollTo({ top: 0 })}
        >
          To the newest
        </Button>
      )}
      {data?.next !== undefined && <OlderLink place={place} next={data.next} />}
    </div>
  );
}

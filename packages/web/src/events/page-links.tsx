import { Link } from "@tanstack/react-router";
import { buttonLook } from "../design/button.tsx";
import { type EventPlace, filterOf } from "./event-filter.ts";

/** From a page of the list back to the first. */
export function NewestLink({ place }: { readonly place: EventPlace }) {
  return (
    <Link to="/events" search={filterOf(place)} className="text-accent underline">
      Newest events
    </Link>
  );
}

interface OlderLinkProps {
  readonly place: EventPlace;
  /** Where the next page begins. */
  readonly next: string;
}

/** From a page of the list to the next. */
export function OlderLink({ place, next }: OlderLinkProps) {
  return (
    <div className="text-center max-sm:text-left">
      <Link
        to="/events"
        search={{ ...filterOf(place), before: next }}
        className={buttonLook("plain")}
      >
        Older events
      </Link>
    </div>
  );
}

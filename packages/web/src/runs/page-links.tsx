import { Link } from "@tanstack/react-router";
import { buttonLook } from "../design/button.tsx";
import { filterOf, type RunPlace } from "./run-filter.ts";

/** From a page of the list back to the first. */
export function NewestLink({ place }: { readonly place: RunPlace }) {
  return (
    <Link to="/" search={filterOf(place)} className="text-accent underline">
      Newest runs
    </Link>
  );
}

interface OlderLinkProps {
  readonly place: RunPlace;
  /** Where the next page begins. */
  readonly next: string;
}

/** From a page of the list to the next. */
export function OlderLink({ place, next }: OlderLinkProps) {
  return (
    <div className="text-center max-sm:text-left">
      <Link to="/" search={{ ...filterOf(place), before: next }} className={buttonLook("plain")}>
        Older runs
      </Link>
    </div>
  );
}

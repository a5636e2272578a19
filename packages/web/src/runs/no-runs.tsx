import { Link } from "@tanstack/react-router";
import { Command } from "../design/command.tsx";
import { STATUS_STYLES } from "../status/status-style.ts";
import { NewestLink } from "./page-links.tsx";
import { isFiltered, type RunPlace } from "./run-filter.ts";

/** An empty list: nothing older is kept, nothing fits the filter, or nothing ever ran. */
export function NoRuns({ place }: { readonly place: RunPlace }) {
  const { status, ref, before } = place;
  if (before !== undefined)
    return (
      <div className="mt-4 space-y-4 py-14 text-center">
        <p className="font-semibold">There are no older runs</p>
        <NewestLink place={place} />
      </div>
    );
  return (
    <div className="mt-4 rounded-xl border border-dashed border-line px-6 py-14 text-center">
      {isFiltered(place) ? (
        <>
          <p className="font-semibold">
            No {status === undefined ? "run" : `${STATUS_STYLES[status].word.toLowerCase()} run`}
            {ref === undefined ? "" : ` of ${ref}`}
          </p>
          <p className="mt-1 text-muted">
            One that fits appears here as soon as there is one.{" "}
            <Link to="/" className="text-accent underline">
              Show all runs
            </Link>
          </p>
        </>
      ) : (
        <>
          <p className="font-semibold">Nothing has run yet</p>
          <p className="mt-1 text-muted">
            Runs appear here as they start. Start one with the button above, or with
          </p>
          <Command>yard run core.echo hello=world</Command>
        </>
      )}
    </div>
  );
}

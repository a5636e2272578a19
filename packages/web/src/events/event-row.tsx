import { Link } from "@tanstack/react-router";
import type { ListedEvent } from "@yardmaster/protocol";
import { memo } from "react";
import { judgedText, OUTCOMES, outcomeOf } from "../decisions/outcomes.ts";
import { focusIfOpened, noteOpened } from "../list/opened-row.ts";
import { Badge } from "../status/badge.tsx";
import { Age } from "../time/moments.tsx";

interface EventRowProps {
  readonly event: ListedEvent;
  /** It came while the page was open: it says so for a moment. */
  readonly isNew: boolean;
}

/** Memoised: a refreshed list draws only the rows that changed. */
export const EventRow = memo(function EventRow({ event, isNew }: EventRowProps) {
  const { id, type, subject, source, judged, received_at } = event;
  return (
    <li className={`border-line not-last:border-b ${isNew ? "arrive" : ""}`}>
      <Link
        to="/events/$id"
        params={{ id }}
        ref={(row) => focusIfOpened(id, row)}
        // A click that no pointer made.
        onClick={({ detail }) => noteOpened(id, detail === 0)}
        className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 px-4 py-2.5 hover:bg-hover focus-visible:-outline-offset-2 sm:grid-cols-[8rem_1fr_6rem]"
      >
        <span>
          <Badge look={OUTCOMES[outcomeOf(judged)]} />
        </span>
        <span className="min-w-0 max-sm:order-first max-sm:col-span-2">
          <span className="block truncate">
            <span className="font-medium">{type}</span>
            {subject !== null && <span className="text-muted"> {subject}</span>}
          </span>
          <span className="block truncate text-[0.8125rem] text-muted">
            {[source, judgedText(judged)].filter((text) => text !== "").join(" · ")}
          </span>
        </span>
        <span className="text-right text-muted">
          <Age at={received_at} />
        </span>
      </Link>
    </li>
  );
});

import { Link } from "@tanstack/react-router";
import type { EventDetail, EventOutcome } from "@yardmaster/protocol";
import { useState } from "react";
import { OUTCOMES } from "../decisions/outcomes.ts";
import { Button } from "../design/button.tsx";
import { Badge } from "../status/badge.tsx";
import { Age } from "../time/moments.tsx";
import { ReplayDialog } from "./replay-dialog.tsx";

interface EventHeaderProps {
  readonly event: EventDetail;
  /** Undefined while it is not known. */
  readonly outcome: EventOutcome | undefined;
  /** It was judged again. */
  onChanged(): void;
}

export function EventHeader({ event, outcome, onChanged }: EventHeaderProps) {
  const { type, subject, received_at } = event;
  const [isAsking, setAsking] = useState(false);
  return (
    <header>
      <nav aria-label="Breadcrumb" className="text-muted">
        <Link
          to="/events"
          activeOptions={{ exact: true }}
          className="hover:text-ink hover:underline"
        >
          Events
        </Link>
        <span aria-hidden> / </span>
        <Link
          to="/events"
          activeOptions={{ exact: true }}
          search={{ type }}
          className="hover:text-ink hover:underline"
        >
          {type}
        </Link>
      </nav>
      <div className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-xl font-semibold tracking-tight wrap-anywhere">{type}</h1>
        <span role="status">{outcome !== undefined && <Badge look={OUTCOMES[outcome]} />}</span>
        <span className="text-muted">
          <Age at={received_at} />
        </span>
        <Button type="button" className="ml-auto" onClick={() => setAsking(true)}>
          Judge again
        </Button>
      </div>
      {subject !== null && <p className="mt-1.5 text-muted wrap-anywhere">{subject}</p>}
      {isAsking && (
        <ReplayDialog event={event} onReplayed={onChanged} onClose={() => setAsking(false)} />
      )}
    </header>
  );
}

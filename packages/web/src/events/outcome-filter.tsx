import { Link } from "@tanstack/react-router";
import { OUTCOMES } from "../decisions/outcomes.ts";
import { TABS_LOOK, tabLook } from "../list/tabs.ts";
import { EVENT_OUTCOMES, type EventFilter, filterWith } from "./event-filter.ts";

const CHOICES = [undefined, ...EVENT_OUTCOMES];

/** Keeps the events of which a rule said so. */
export function OutcomeFilter({ filter }: { readonly filter: EventFilter }) {
  return (
    <nav aria-label="Filter by outcome" className={TABS_LOOK}>
      {CHOICES.map((outcome) => {
        const isChosen = outcome === filter.outcome;
        return (
          <Link
            key={outcome ?? "all"}
            to="/events"
            search={filterWith(filter, { outcome })}
            activeOptions={{ exact: true }}
            aria-current={isChosen ? "true" : undefined}
            className={tabLook(isChosen)}
          >
            {outcome === undefined ? "All" : OUTCOMES[outcome].word}
          </Link>
        );
      })}
    </nav>
  );
}

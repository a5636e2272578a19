import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Decision } from "@yardmaster/protocol";
import type { Page } from "@yardmaster/sdk";
import { Because } from "../decisions/because.tsx";
import { OUTCOMES } from "../decisions/outcomes.ts";
import { buttonLook } from "../design/button.tsx";
import { Card } from "../design/card.tsx";
import { Failure } from "../design/failure.tsx";
import { TABS_LOOK, tabLook } from "../list/tabs.ts";
import { Badge } from "../status/badge.tsx";
import { Age } from "../time/moments.tsx";
import { DECISION_STATUSES, type RulePlace } from "./rule-place.ts";

interface RuleDecisionsCardProps {
  readonly rule: string;
  readonly place: RulePlace;
  readonly decisions: UseQueryResult<Page<Decision>>;
}

/** What a rule said of events, a page of it, newest event first. */
export function RuleDecisionsCard({ rule, place, decisions }: RuleDecisionsCardProps) {
  const { data, error, isPlaceholderData } = decisions;
  return (
    <Card title="Decisions">
      <div className="border-b border-line px-3 pt-1.5 max-sm:pb-0 sm:pb-1.5">
        <OutcomeTabs rule={rule} place={place} />
      </div>
      {data === undefined && error !== null && (
        <div className="p-3">
          <Failure error={error} to="read decisions" />
        </div>
      )}
      {data?.items.length === 0 && (
        <p className="px-4 py-6 text-center text-muted">
          {place.before === undefined ? "None yet." : "None before."}
        </p>
      )}
      <ol
        aria-label="Decisions, newest event first"
        className={`transition-opacity ${isPlaceholderData ? "opacity-60" : ""}`}
      >
        {data?.items.map((decision) => (
          <DecisionRow key={decision.id} decision={decision} rule={rule} place={place} />
        ))}
      </ol>
      <Pages rule={rule} place={place} next={data?.next} />
    </Card>
  );
}

interface PlaceProps {
  readonly rule: string;
  readonly place: RulePlace;
}

function OutcomeTabs({ rule, place: { status: chosen, event } }: PlaceProps) {
  const others = event === undefined ? {} : { event };
  return (
    <nav aria-label="Filter decisions" className={TABS_LOOK}>
      {[undefined, ...DECISION_STATUSES].map((status) => (
        <Link
          key={status ?? "all"}
          to="/rules/$ref"
          params={{ ref: rule }}
          search={status === undefined ? others : { ...others, status }}
          resetScroll={false}
          replace
          activeOptions={{ exact: true }}
          aria-current={status === chosen ? "true" : undefined}
          className={tabLook(status === chosen)}
        >
          {status === undefined ? "All" : OUTCOMES[status].word}
        </Link>
      ))}
    </nav>
  );
}

function DecisionRow({ decision, rule, place }: PlaceProps & { readonly decision: Decision }) {
  const { event_id, run_id, replay, decided_at, status } = decision;
  return (
    <li className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 border-line px-4 py-2.5 not-last:border-b sm:grid-cols-[8rem_1fr_auto]">
      <span>
        <Badge look={OUTCOMES[status]} />
      </span>
      <div className="min-w-0 max-sm:order-last max-sm:col-span-2">
        <p className="wrap-anywhere">
          {status === "matched" ? (
            <>
              Started{" "}
              <Link to="/runs/$id" params={{ id: run_id ?? "" }} className="text-accent underline">
                run {run_id}
              </Link>
            </>
          ) : (
            <Because said={decision} />
          )}
        </p>
        <p className="text-[0.8125rem] text-muted wrap-anywhere">
          <Link to="/events/$id" params={{ id: event_id }} className="text-accent underline">
            Its event
          </Link>
          {" · "}
          <Link
            to="/rules/$ref"
            params={{ ref: rule }}
            search={{ ...place, event: event_id }}
            hash="try"
            className="text-accent underline"
          >
            Try on it
          </Link>
          {replay > 0 && ` · replay ${replay}`}
        </p>
      </div>
      <span className="text-right text-muted">
        <Age at={decided_at} />
      </span>
    </li>
  );
}

function Pages({ rule, place, next }: PlaceProps & { readonly next: string | undefined }) {
  const { before, ...first } = place;
  if (before === undefined && next === undefined) return null;
  const common = { to: "/rules/$ref", params: { ref: rule }, resetScroll: false } as const;
  return (
    <div className="flex flex-wrap gap-2 border-t border-line px-4 py-3">
      {before !== undefined && (
        <Link {...common} search={first} className={buttonLook("plain")}>
          Newest decisions
        </Link>
      )}
      {next !== undefined && (
        <Link {...common} search={{ ...first, before: next }} className={buttonLook("plain")}>
          Older decisions
        </Link>
      )}
    </div>
  );
}

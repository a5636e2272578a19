import type { EventDetail } from "@yardmaster/protocol";
import { countLast, OUTCOMES, outcomeOf } from "../decisions/outcomes.ts";
import { Card } from "../design/card.tsx";
import { CopyButton } from "../design/copy-button.tsx";
import { Failure } from "../design/failure.tsx";
import { JsonBlock } from "../design/json-block.tsx";
import { PageLoading } from "../design/page-loading.tsx";
import { ExplanationCard } from "../run/explanation-card.tsx";
import { NotShown } from "../shell/not-shown.tsx";
import { DecisionsCard } from "./decisions-card.tsx";
import { DeliveryCard } from "./delivery-card.tsx";
import { EventFacts } from "./event-facts.tsx";
import { EventHeader } from "./event-header.tsx";
import { useEvent } from "./use-event.ts";

/** One event: what it says, what each rule made of it, and what that began. */
export function EventPage({ id }: { readonly id: string }) {
  const { event, decisions, explanation, runs, refresh } = useEvent(id);
  if (event.data === undefined)
    return event.error === null ? (
      <PageLoading />
    ) : (
      <NotShown error={event.error} what="event" all="/events" />
    );
  const outcome = decisions.data && outcomeOf(countLast(decisions.data));
  const { type, delivery } = event.data;
  return (
    <>
      <title>{titleOf(type, outcome && OUTCOMES[outcome].word)}</title>
      <EventHeader event={event.data} outcome={outcome} onChanged={refresh} />
      <div className="mt-5 grid grid-cols-1 items-start gap-5 lg:grid-cols-[minmax(0,5fr)_minmax(0,3fr)]">
        <div className="space-y-5">
          {decisions.data !== undefined && (
            <DecisionsCard decisions={decisions.data} type={type} runs={runs.data?.items ?? []} />
          )}
          {decisions.data === undefined && decisions.error !== null && (
            <Failure error={decisions.error} to="read decisions" />
          )}
          <DataCard event={event.data} />
        </div>
        <div className="space-y-5">
          <ExplanationCard explanation={explanation} />
          <EventFacts event={event.data} />
          {delivery !== null && <DeliveryCard delivery={delivery} />}
        </div>
      </div>
    </>
  );
}

function titleOf(type: string, word: string | undefined): string {
  return word === undefined ? `${type} — Yardmaster` : `${type} · ${word} — Yardmaster`;
}

function DataCard({ event: { data } }: { readonly event: EventDetail }) {
  const copy = <CopyButton text={() => JSON.stringify(data, null, 2)} label="Copy the data" />;
  return (
    <Card title="Data" aside={copy}>
      <JsonBlock value={data} />
    </Card>
  );
}

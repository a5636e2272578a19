import type { Decision } from "@yardmaster/protocol";
import { placeInTrace, type Span, spanOfId, spanTimes } from "../engine/index.ts";
import type { EventRecord } from "./event.ts";

/** Told of an event once it is durable, with its decisions. */
export type TraceEvent = (event: EventRecord, decisions: readonly Decision[]) => void;

/** The span of an event, from its arrival to its last decision; none where its trace is not sampled. */
export function eventSpans(event: EventRecord, decisions: readonly Decision[]): Span[] {
  const place = placeInTrace(event.traceparent, spanOfId(event.id));
  if (place === undefined) return [];
  const judged = decisions.map(({ rule, status, decided_at, run_id }) => ({
    name: "yard.decision",
    atMs: Date.parse(decided_at),
    attributes: { "yard.rule": rule, "yard.status": status, "yard.run.id": run_id ?? undefined },
  }));
  const receivedMs = Date.parse(event.receivedAt);
  return [
    {
      ...place,
      name: event.type,
      kind: "consumer",
      ...spanTimes(receivedMs, Math.max(receivedMs, ...judged.map(({ atMs }) => atMs))),
      isError: false,
      attributes: {
        "cloudevents.event_id": event.id,
        "cloudevents.event_type": event.type,
        "cloudevents.event_source": event.source,
        "yard.delivery.id": event.deliveryId ?? undefined,
        "yard.caused_by": event.causedBy ?? undefined,
      },
      events: judged,
    },
  ];
}

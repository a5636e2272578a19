import { runOfTraceState } from "../../engine/index.ts";
import type { CloudEvent } from "../../events/index.ts";
import { cloudEventKey } from "../deliveries/delivery.ts";
import type { Arrival } from "./intake.ts";

/** How a CloudEvent came in. */
export type CameIn = Pick<Arrival, "channel" | "source" | "headers" | "body" | "verifiedBy">;

/** A CloudEvent as it is taken in; the same source and id again is a duplicate. */
export function arrivalOfCloudEvent(event: CloudEvent, came: CameIn): Arrival {
  const { source, headers } = came;
  return {
    ...came,
    senderId: event.id ?? null,
    keys: event.id === undefined ? [] : [cloudEventKey(source, event.id)],
    problem: null,
    event: {
      type: event.type,
      source,
      subject: event.subject ?? null,
      originId: event.id ?? null,
      dataschema: event.dataschema ?? null,
      extensions: event.extensions,
      time: event.time && new Date(event.time).toISOString(),
      traceparent: event.traceparent ?? (headers["traceparent"] as string | undefined),
      sentBy: runOfTraceState(event.extensions?.["tracestate"] ?? headers["tracestate"]),
      data: event.data,
      dataText: JSON.stringify(event.data),
      isBody: false,
    },
  };
}

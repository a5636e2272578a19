import { AppError } from "@yardmaster/protocol";
import type { AcceptCloudEvent } from "../../events/index.ts";
import { arrivalOfCloudEvent } from "./cloud-event-arrival.ts";
import type { Intake } from "./intake.ts";

/** Where an event comes from that does not say so. */
const UNNAMED_SOURCE = "api";

/** Takes posted CloudEvents through the same intake as webhooks; the same source and id again is a duplicate. */
export function createPostedEvents(take: Intake): AcceptCloudEvent {
  return async function accept(event, { token, headers, body }) {
    const source = event.source ?? UNNAMED_SOURCE;
    const came = { channel: "api", source, headers, body, verifiedBy: `token:${token}` } as const;
    const { eventId, traceparent, duplicate, decisions } = await take(
      arrivalOfCloudEvent(event, came),
    );
    // Only where it came first so long ago that its event has left with its retention.
    if (eventId === undefined)
      throw new AppError(
        "conflict",
        `Event ${event.id} of ${source} came before and is not kept any more.`,
      );
    const duplicateOf = duplicate ? eventId : null;
    return { eventId, type: event.type, traceparent, duplicateOf, decisions };
  };
}

import { AppError } from "@yardmaster/protocol";
import type { AcceptCloudEvent } from "../../events/index.ts";
import { cloudEventKey } from "../deliveries/delivery.ts";
import type { Intake } from "./intake.ts";

/** Where an event comes from that does not say so. */
const UNNAMED_SOURCE = "api";

/** Takes posted CloudEvents through the same intake as webhooks; the same source and id again is a duplicate. */
export function createPostedEvents(take: Intake): AcceptCloudEvent {
  return async function accept(event, { token, headers, body }) {
    const source = event.source ?? UNNAMED_SOURCE;
    const { eventId, traceparent, duplicate, decisions } = await take({
      channel: "api",
      source,
      headers,
      body,
      verifiedBy: `token:${token}`,
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
        data: event.data,
        dataText: JSON.stringify(event.data),
        isBody: false,
      },
    });
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

export { type CloudEvent, checkOwnCloudEvent, sensorSource } from "./cloud-event.ts";
export { type EventRecord, type EventView, eventSeen, receivedAt, traceOf } from "./event.ts";
export { type EventFilter, type Filtered, firstIdAt, meantBy } from "./event-filter.store.ts";
export { eventSpans, type TraceEvent } from "./event-span.ts";
export { type AcceptCloudEvent, eventRoutes } from "./events.routes.ts";
export {
  causesOf,
  depthsOf,
  type EventRow,
  findEvent,
  insertEvents,
  ownEventsOf,
} from "./events.store.ts";
export { createEvents, type Events } from "./events.ts";
export { deleteOldEvents } from "./retention.store.ts";
export { eventsOfSubjects } from "./subject-events.store.ts";
export { trialEvent } from "./trial-event.ts";

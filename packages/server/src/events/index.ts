export { MAX_JSON_DEPTH, type ParsedJson, parseBoundedJson } from "./bounded-json.ts";
export type { CloudEvent } from "./cloud-event.ts";
export { type EventRecord, type EventView, eventView, traceOf } from "./event.ts";
export { type AcceptCloudEvent, type AcceptedCloudEvent, eventRoutes } from "./events.routes.ts";
export { type EventRow, insertEvents } from "./events.store.ts";
export { createEvents, type EventDetail, type Events, type EventsDeps } from "./events.ts";
export { invalidCursor, nextLink, type Page, pageOf } from "./keyset-page.ts";

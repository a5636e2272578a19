export { deliveryRoutes } from "./deliveries/deliveries.routes.ts";
export { deliveryKey } from "./deliveries/delivery.ts";
export { deleteOldDeliveries, deleteOldDeliveryKeys } from "./deliveries/retention.store.ts";
export { sourceRoutes, webhookRoute } from "./inbox.routes.ts";
export { createInbox, createTake, type Inbox, type InboxDeps } from "./inbox.ts";
export { arrivalOfCloudEvent } from "./intake/cloud-event-arrival.ts";
export { type Accompanying, accompany, type Begun, type Companion } from "./intake/companion.ts";
export type { Arrival, Intake } from "./intake/intake.ts";
export type { Sources } from "./sources/sources.ts";

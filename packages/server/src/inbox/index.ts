export { deliveryRoutes } from "./deliveries/deliveries.routes.ts";
export { deleteOldDeliveries, deleteOldDeliveryKeys } from "./deliveries/retention.store.ts";
export { sourceRoutes, webhookRoute } from "./inbox.routes.ts";
export { createInbox, type Inbox, type InboxDeps } from "./inbox.ts";
export type { Sources } from "./sources/sources.ts";

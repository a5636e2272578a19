export { deliveryRoutes } from "./deliveries.routes.ts";
export { sourceRoutes, webhookRoute } from "./inbox.routes.ts";
export { createInbox, type Inbox, type InboxDeps } from "./inbox.ts";
export { readPackSecret } from "./pack-secret.ts";
export { deleteOldDeliveries, deleteOldDeliveryKeys } from "./retention.store.ts";
export type { Sources } from "./sources.ts";

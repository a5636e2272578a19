export { deliveryRoutes } from "./deliveries.routes.ts";
export { sourceRoutes, webhookRoute } from "./inbox.routes.ts";
export { createInbox, type Inbox, type InboxDeps } from "./inbox.ts";
export type { Arrival, ArrivedEvent, Intake, Taken } from "./intake.ts";
export { readPackSecret } from "./pack-secret.ts";
export { deleteOldDeliveries, deleteOldDeliveryKeys } from "./retention.store.ts";
export type { Sources } from "./sources.ts";
export type { ReceiveWebhook, WebhookRequest } from "./webhook.ts";

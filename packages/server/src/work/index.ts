export { followWork, type WorkFollower } from "./follow/follow-work.ts";
export { countItems } from "./items/items.store.ts";
export { deleteOldIssues, deleteOldItems } from "./retention.store.ts";
export { workRoutes } from "./work.routes.ts";
export { createWork, type Work } from "./work.ts";

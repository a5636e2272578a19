export { createHub } from "./hub.ts";
export type * from "./hub.types.ts";
export type { HubMetrics } from "./hub-deps.types.ts";
export type { HubOptions } from "./hub-options.ts";
export type * from "./jobs.types.ts";

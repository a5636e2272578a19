export { sweepIdempotencyKeys } from "./idempotency.ts";
export { MCP_ORIGIN, ORIGIN_HEADER } from "./origin.ts";
export { runRoutes } from "./runs.routes.ts";

export { sweepIdempotencyKeys } from "./idempotency.ts";
export { runRoutes } from "./runs.routes.ts";

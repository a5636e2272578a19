export type { AnsweredRequest } from "./answered.ts";
export { queryOf } from "./checks/query.ts";
export { type OpenApi, openApiOf } from "./description/openapi.ts";
export { createHttp, type Http, type HttpDeps, type HttpOptions, withOwnRoutes } from "./http.ts";
export { takesKey } from "./idempotency-key.ts";
export { hasLocalHost, isSentFromLoopback } from "./loopback.ts";
export type { Authenticate } from "./mount.ts";
export type {
  BodyLimit,
  Idempotency,
  Principal,
  ReplySocket,
  Route,
  RouteReply,
  RouteRequest,
  RouteSchemas,
} from "./route.ts";

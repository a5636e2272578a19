export type { AnsweredRequest } from "./answered.ts";
export { createHttp, type Http, type HttpDeps, type HttpOptions, withOwnRoutes } from "./http.ts";
export type { Authenticate } from "./mount.ts";
export { type OpenApi, openApiOf } from "./openapi.ts";
export type {
  BodyLimit,
  Idempotency,
  Principal,
  ReplySocket,
  ReplyStream,
  Route,
  RouteReply,
  RouteRequest,
  RouteResponse,
  RouteSchemas,
} from "./route.ts";
export type { TlsFiles } from "./tls.ts";

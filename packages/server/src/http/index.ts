export { createHttp, type Http, type HttpDeps, type HttpOptions } from "./http.ts";
export type { Authenticate } from "./mount.ts";
export type {
  Principal,
  ReplyStream,
  Route,
  RouteReply,
  RouteRequest,
  RouteResponse,
  RouteSchemas,
} from "./route.ts";
